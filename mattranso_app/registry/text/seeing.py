"""Wording of the pages that show figures: totals, pivots, charts, dashboards, outliers, files."""

from __future__ import annotations

TITLE = "Số liệu tổng hợp"
LEAD = "Mỗi con số đi kèm số đơn vị đã báo cáo. Chọn một dòng để xem số ấy gồm những gì."
TOOL = "Cơ sở dữ liệu"
LOADING = "Đang lấy số liệu…"
FAILED = "Chưa lấy được số liệu. Hãy kiểm tra mạng rồi thử lại."
AGAIN = "Thử lại"
SIGN_IN = "Đăng nhập để xem số liệu"
VIEW_WORDS = {"loading": LOADING, "failed": FAILED, "again": AGAIN, "signIn": SIGN_IN, "fresh": "Số liệu vừa được cập nhật."}

NO_FORMS = "Chưa có biểu báo cáo nào anh chị được xem."
NO_FORMS_HINT = "Khi Trung ương hoặc tỉnh ban hành biểu, số liệu sẽ hiện ở đây."
FORM_UNKNOWN = "Không có biểu báo cáo này. Hãy chọn biểu khác."
NO_PERIOD = "Biểu này chưa đến kỳ báo cáo đầu tiên."
LEVEL_NOT_ASKED = "Cấp này không báo cáo theo biểu đã chọn."
INDICATOR_UNKNOWN = "Biểu không có chỉ tiêu này. Hãy chọn lại."
OUTSIDE_FORM = "Đơn vị này không báo cáo theo biểu đã chọn."

FORM, FIRST, LAST, ORGANISATION, LEVEL, UNIT, INDICATOR = "Biểu", "Từ kỳ", "Đến kỳ", "Tổ chức", "Cấp", "Đơn vị", "Chỉ tiêu"
EVERYTHING, TODAY = "tat-ca", "hien-nay"
MAP = "Địa giới"
MAPS = (("", "Như khi báo cáo"), (TODAY, "Theo đơn vị hiện nay"))
ALL_ORGANISATIONS = "Tất cả tổ chức"
ALL_LEVELS = "Tất cả các cấp"
SHOW = "Xem số liệu"
CHOICES = "Chọn số liệu"
LEVELS = {"central": "Trung ương", "province": "Tỉnh, thành phố", "commune": "Xã, phường, đặc khu", "group": "Tổ dân phố, thôn"}

AT = "Số liệu lúc {at}"
COVERAGE = "Đã báo cáo"
COVERED = "{reports}/{expected} đơn vị"
COVERED_BODIES = "{reports}/{expected} báo cáo"
COVERED_OTHERWISE = "{reports} báo cáo; hiện có {expected} đơn vị phải báo cáo"
LATE, AMENDED, APPROVED, MISSING = "Muộn hạn", "Đã sửa sau khi gửi", "Đã duyệt", "Chưa có"
COVERAGE_BY_PERIOD = "Báo cáo đã có theo từng kỳ"
PERIOD = "Kỳ"
MISSING_TITLE = "Đơn vị chưa có số liệu — {unit}"
MISSING_LEAD = "{organisation}, {period}: {count} đơn vị chưa gửi. Số tổng hợp chưa gồm các đơn vị này."
MISSING_NONE = "Mọi đơn vị đã có số liệu kỳ này."
MISSING_LINK = "Xem {count} đơn vị chưa có số liệu"
MORE_MISSING = "Xem tiếp"
BACK_TO_TOTALS = "Về số liệu tổng hợp"
NOT_BEGUN = "chưa nhập"
STATE = "Tình trạng"
STATES = {"draft": "đang nhập", "submitted": "đã gửi", "returned": "bị trả lại", "approved": "đã duyệt"}

INDICATORS_TITLE = "Các chỉ tiêu — {unit}"
INDICATORS_CAPTION = "{period}, {organisation}, {level}"
VALUE, LAST_YEAR, CHANGE, MEASURE = "Giá trị", "Cùng kỳ năm trước", "Thay đổi", "Đơn vị tính"
FILLED = "Báo cáo có số"
STOCK_WORD, FLOW_WORD = "cuối kỳ", "trong kỳ"
NO_SUM_HINT = (
    "Tỷ lệ, mức trung bình không cộng qua các đơn vị: có công thức thì tính lại từ số cộng, không thì nêu thấp nhất, cao nhất "
    "và mức giữa."
)
PEOPLE_OVER_BODIES = "Cộng qua các tổ chức, một người có thể được đếm nhiều lần; số dưới đây là lượt, không phải số người."
TURNS = "lượt {measure}"
NOTHING = "–"
BY_UNIT = "{indicator} — theo đơn vị"
BY_UNIT_CAPTION = "{period}, {organisation}, {level}; chọn đơn vị để xem chi tiết"
SPREAD = "{least} – {most}, giữa {median}"
UNDIVIDED = "{unit} (chưa chia cho đơn vị hiện nay)"
ITSELF = "Chính {unit}"
TRAIL = "Đang xem"

REPORT_TITLE = "Báo cáo của {unit}"
REPORT_STATE = "{state}, lần sửa cuối {at}"
REPORT_NONE = "{unit} chưa có báo cáo kỳ này."
REPORT_NOT_COUNTED = "Báo cáo {state} nên chưa tính vào số tổng hợp."
CELL, CELL_VALUE = "Ô", "Số đã báo cáo"
GAP = "chưa có: {reason}"
HISTORY = "Lịch sử báo cáo"
HISTORY_EMPTY = "Chưa có thay đổi nào."
ACTS = {
    "save": "Nhập số", "submit": "Gửi", "amend": "Sửa sau khi gửi", "return": "Trả lại", "approve": "Duyệt", "reopen": "Mở lại",
}
SOURCES = {
    "form": "biểu nhập", "offline": "máy khi mất mạng", "excel": "tệp Excel", "api": "phần mềm khác", "group": "liên kết của tổ",
    "seed": "dữ liệu minh hoạ",
}  # fmt: skip
HISTORY_LINE = "{at} · {person} · {act} ({source})"
CHANGED_FROM = "{cell}: {before} → {after}"
EMPTY_VALUE = "trống"
EXPLAINED = "Giải trình"
REASON = "Lý do: {reason}"

CUT = "…"
ON_TODAY = "theo đơn vị hiện nay"
FILES = {"chi-tieu": "Các chỉ tiêu", "theo-don-vi": "Theo đơn vị", "bang-xoay": "Bảng xoay"}
KINDS = {"xlsx": "Excel", "docx": "Word", "csv": "CSV"}
CHARTS = ("theo-don-vi", "theo-ky", "ban-do")
CHART_TITLES = {
    "theo-don-vi": "{indicator} theo đơn vị — {unit}", "theo-ky": "{indicator} qua các kỳ — {unit}",
    "ban-do": "{indicator} trên bản đồ các tỉnh, thành phố",
}  # fmt: skip
CHART_SECTION = "Biểu đồ"
CHART_KEY = "Đậm: kỳ đang xem. Gạch chéo hoặc nét đứt: cùng kỳ năm trước. Số liệu đầy đủ ở bảng dưới."
MAP_KEY = "Ô càng đậm, số càng lớn; ô gạch chéo chưa có số liệu. Số liệu đầy đủ ở bảng dưới."
NO_CHART = "Chưa có số liệu để vẽ biểu đồ này."
NO_FILE = "Không có tệp này. Hãy mở lại trang số liệu rồi tải."
TAKE_AWAY = "Tải về"
TAKE_CHART = "Tải biểu đồ (SVG)"
WORD_TOO_LARGE = "Bảng quá lớn cho tệp Word. Hãy tải tệp Excel hoặc chọn ít cột hơn."
REPORTS, EXPECTED, SUM = "Đã báo cáo", "Phải báo cáo", "Cộng"

PIVOT_TITLE = "Bảng xoay"
PIVOT_LEAD = "Chọn dòng và cột để so sánh số liệu theo ý mình."
SIDES = {
    "place": "Đơn vị", "period": "Kỳ", "organisation": "Tổ chức", "level": "Cấp", "cell": "Chỉ tiêu", "part": "Phân tổ",
}  # fmt: skip
SIDE_ROWS, SIDE_COLUMNS, SIDE_MORE, SIDE_NONE = "Dòng", "Cột", "Chia cột tiếp theo", "Không chia"
SIDES_BAD = "Dòng và cột phải là các mục khác nhau; chỉ tiêu và phân tổ không đứng cùng nhau. Hãy chọn lại."
NO_PARTS = "Chỉ tiêu “{indicator}” không chia nhóm. Hãy chọn chỉ tiêu có phân tổ."
PIVOT_TOO_LARGE = "Bảng có {cells} ô, quá lớn để xem một lần. Hãy chọn ít kỳ hoặc phạm vi hẹp hơn."
MEASURES = "Đơn vị tính: {measures}."
NO_SUM_ROW = "Không có dòng cộng: các dòng này cộng lại không có nghĩa."
TABS = "Các cách xem số liệu"

OUTLIERS_TITLE = "Số liệu bất thường"
OUTLIERS_LEAD = "Số khác hẳn quá khứ của đơn vị hoặc khác hẳn các đơn vị cùng cấp, và mâu thuẫn trong báo cáo. Khác thường chưa hẳn sai."
FAR_TITLE = "Số khác thường — {unit}, {period}"
FAR_NONE = "Không có số nào khác thường."
FAR_NOTE = "So với mức giữa của các đơn vị cùng cấp, từ {fewest} đơn vị trở lên; nêu nhiều nhất {most} số, xa nhất trước."
FAR_KINDS = {"step": "thay đổi khác thường so với kỳ trước", "size": "khác thường so với đơn vị cùng cấp"}
WHY, BEFORE_PERIOD, MIDDLE = "Vì sao", "Kỳ trước", "Mức giữa"
DOUBTS_TITLE = "Mâu thuẫn trong báo cáo"
DOUBTS_NONE = "Không có mâu thuẫn nào trong các báo cáo đã xem."
DOUBT, EXPLANATION, UNEXPLAINED = "Mâu thuẫn", "Giải trình của đơn vị", "chưa giải trình"
MORE_DOUBTS = "Xem tiếp các báo cáo khác"

DASHBOARDS_TITLE = "Bảng theo dõi"
DASHBOARDS_LEAD = "Những số liệu hay xem, giữ sẵn một chỗ. Khi chia sẻ, mỗi người chỉ thấy số liệu trong quyền của mình."
DASHBOARD_UNKNOWN = "Không có bảng theo dõi này, hoặc bảng không được chia sẻ với đơn vị của anh chị."
DASHBOARD_NAME = "Đặt tên cho bảng theo dõi, nhiều nhất 80 ký tự."
DASHBOARDS_MANY = "Đã có {most} bảng theo dõi. Hãy xoá bớt bảng không dùng nữa."
TILES_MANY = "Bảng này đã có {most} ô. Hãy bỏ bớt ô, hoặc ghi vào bảng khác."
TILE_BAD = "Không giữ được cách xem này. Hãy chọn lại."
DASHBOARDS_NONE = "Chưa có bảng theo dõi nào."
DASHBOARDS_NONE_HINT = "Mở số liệu cần xem, rồi chọn “Giữ vào bảng theo dõi”."
TILES_NONE = "Bảng này chưa có ô nào."
KEEP, KEEP_NAME, KEEP_KIND, KEEP_ACT = "Giữ vào bảng theo dõi", "Tên bảng", "Giữ dưới dạng", "Giữ lại"
TILE_KINDS = {
    "total": "Con số", "units": "Bảng theo đơn vị", "chart": "Biểu đồ theo đơn vị", "lines": "Biểu đồ qua các kỳ", "map": "Bản đồ",
    "pivot": "Bảng xoay",
}  # fmt: skip
TILE_SHOW = "Mở số liệu của “{name}”"
TILE_REMOVE, DASHBOARD_DELETE = "Bỏ ô này", "Xoá bảng"
DASHBOARD_SHARE, DASHBOARD_UNSHARE = "Chia sẻ với đơn vị mình và cấp dưới", "Thôi chia sẻ"
SHARED_MARK = "được chia sẻ"
OWN_DASHBOARDS = "Bảng theo dõi của anh chị"
OWN_DASHBOARD_LABELS = {"name": "Tên bảng"}
