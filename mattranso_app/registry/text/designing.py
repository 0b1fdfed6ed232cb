"""Vietnamese wording of the form designer: verbs, questions in plain words, what is wrong."""

from __future__ import annotations

from mattranso_app.core.reporting.periods import KIND_NAMES

# What verbs refuse
UNKNOWN_FORM = "Không có biểu này, hoặc biểu đã được đổi tên. Hãy mở lại danh sách biểu."
DESIGNED_MEANWHILE = "Người khác vừa sửa biểu này. Phần vừa nhập chưa được lưu; hãy xem lại biểu rồi làm lại bước này."
NO_DRAFT = "Biểu chưa có bản soạn. Hãy bấm “Soạn bản mới”."
DRAFT_THERE = "Biểu đã có bản đang soạn. Hãy soạn tiếp bản đó."
NAME_MISSING = "Hãy ghi tên."
NAME_LONG = "Tên dài quá {limit} ký tự. Hãy viết ngắn lại."
WORDS_LONG = "Viết ngắn lại, nhiều nhất {limit} ký tự."
NAME_TWICE = "Đã có “{name}”. Hãy đặt tên khác để người nhập không nhầm."
LEVEL_MISSING = "Chọn ít nhất một cấp phải báo cáo."
LEVEL_ABOVE = "Biểu của tỉnh chỉ hỏi trong tỉnh: không chọn được cấp Trung ương."
ORGANISATION_MISSING = "Chọn ít nhất một tổ chức phải báo cáo."
ORGANISATION_OTHER = "Anh chị chỉ soạn được biểu cho tổ chức của mình."
KIND_BAD = "Chọn loại kỳ báo cáo."
KIND_STAYS = "Biểu đã công bố nên loại kỳ không đổi được. Hãy lập biểu mới."
DAYS_BAD = "Ghi số ngày, từ 0 đến {most}."
SECTION_UNKNOWN = "Mục này không còn trong biểu. Hãy xem lại biểu."
SECTION_FULL = "Mục còn {count} chỉ tiêu. Hãy bỏ hoặc chuyển hết chỉ tiêu trước khi bỏ mục."
INDICATOR_UNKNOWN = "Chỉ tiêu này không còn trong biểu. Hãy xem lại biểu."
CATEGORY_USED = "Chỉ tiêu “{name}” đang chia theo nhóm này. Hãy sửa chỉ tiêu trước."
CATEGORY_UNKNOWN = "Nhóm này không còn trong biểu. Hãy xem lại biểu."
TYPE_BAD = "Chọn loại câu trả lời."
MEASURE_MISSING = "Ghi đơn vị tính: người, lượt, cuộc, triệu đồng…"
OVER_TIME_MISSING = "Trả lời câu hỏi: cộng các kỳ lại thì ra tổng cả năm?"
OVERLAPS_MISSING = "Trả lời câu hỏi: một người có thể được tính vào hai nhóm không?"
OPTIONS_FEW = "Ghi ít nhất {least} lựa chọn, mỗi dòng một lựa chọn."
OPTIONS_MANY = "Nhiều nhất 40 lựa chọn."
CELL_MISSING = "Chọn ô."
FORMULA_BAD = "Chọn cách tính."
COMPARISON_BAD = "Chọn phép so sánh."
NUMBER_BAD = "Ghi số, ví dụ 100 hoặc 12,5."
SIDE_MISSING = "Chọn ô hoặc ghi số để so sánh."
SEVERITY_BAD = "Chọn: bắt buộc sửa, hay được giải trình."
CHECK_UNKNOWN = "Phép kiểm tra này không còn trong biểu. Hãy xem lại biểu."
CELL_USED = "{user} đang dùng ô này. Hãy sửa hoặc bỏ chỗ đó trước."
FORMULA_NAMED = "Công thức của “{name}”"
CHECK_NAMED = "Phép kiểm tra “{message}”"
NOTHING_ASKED = "Biểu chưa có chỉ tiêu nào. Hãy thêm ít nhất một chỉ tiêu."
PERIOD_MISSING = "Chọn kỳ."
RETIRED_BEFORE_BEGIN = "Biểu áp dụng từ {period}. Hãy chọn kỳ thôi dùng sau kỳ đó."
RETIRED_USED = "Đã có {count} báo cáo của kỳ này hoặc kỳ sau. Hãy chọn kỳ chưa có báo cáo."

# What there is
LEVELS = {"central": "Trung ương", "province": "Tỉnh, thành phố", "commune": "Xã, phường, đặc khu", "group": "Thôn, tổ dân phố"}
ORGANISATIONS = {
    "mttq": "Mặt trận", "cong_doan": "Công đoàn", "nong_dan": "Hội Nông dân", "thanh_nien": "Đoàn Thanh niên", "phu_nu": "Hội Phụ nữ",
    "cuu_chien_binh": "Hội Cựu chiến binh",
}  # fmt: skip
KINDS = {kind.value: words for kind, words in KIND_NAMES.items()}
TYPES = {
    "integer": "Số nguyên", "decimal": "Số có phần lẻ", "text": "Lời văn", "date": "Ngày tháng", "choice": "Chọn một trong các ý",
}  # fmt: skip
OVER_TIME = {"stock": "lấy số cuối kỳ", "flow": "cộng các kỳ"}
FORMULAS = {
    "percent": "Tỷ lệ % của ô thứ nhất trên ô thứ hai", "sum": "Tổng các ô", "difference": "Ô thứ nhất trừ ô thứ hai",
    "quotient": "Ô thứ nhất chia ô thứ hai",
}  # fmt: skip
COMPARISONS = {
    "<=": "không nhiều hơn (≤)", ">=": "không ít hơn (≥)", "=": "bằng (=)", "<": "ít hơn (<)", ">": "nhiều hơn (>)", "!=": "khác (≠)",
}  # fmt: skip
SEVERITIES = {"hard": "Bắt buộc sửa", "soft": "Được giải trình"}
SINCE = {"previous": "kỳ trước", "last_year": "cùng kỳ năm trước"}
CHANGE_SENTENCE = "{cell}: không tăng hoặc giảm quá {percent} % so với {since}"
HISTORY_SENTENCE = "{cell}: không gấp quá {times} lần, không dưới 1/{times} mức trung bình {last} kỳ trước"
CHECK_MESSAGE = "Số liệu chưa khớp: cần “{sentence}”. Hãy kiểm tra lại."
FIRST_SECTION = "Nội dung báo cáo"

# What changes for units
FIRST_VERSION = "Đây là bản đầu của biểu: {units} đơn vị sẽ được hỏi."
ASKED_UNITS = "{units} đơn vị được hỏi, mỗi đơn vị {organisations} tổ chức, {cells} ô nhập."
CELLS_ADDED = "Thêm: {names}."
CELLS_GONE = "Không hỏi nữa: {names}. Số liệu các kỳ cũ vẫn giữ nguyên."
CELLS_RENAMED = "Đổi tên: {names}."
CHECKS_CHANGED = "Phép kiểm tra: trước {before}, nay {after}."
LEVELS_CHANGED = "Cấp báo cáo: trước {before}; nay {after}."
ORGANISATIONS_CHANGED = "Tổ chức báo cáo: trước {before}; nay {after}."
DAYS_CHANGED = "Ngày mở, hạn gửi hoặc ngày khoá thay đổi."
WORDS_CHANGED = "Chỉ đổi thứ tự hoặc lời văn; các ô như cũ."
NOTHING_CHANGED = "Bản này không khác bản đang dùng."
EARLIER_STAY = "Các kỳ trước {period} giữ nguyên bản cũ."
NOT_PUBLISHED_YET = "Biểu chưa công bố lần nào. Hãy soạn tiếp rồi công bố."
EXAMPLE_DAYS = "Ví dụ {period}: mở nhập từ {opens}, hạn gửi hết ngày {due}, {locks}."
LOCKS = "khoá sau ngày {day}"
NEVER_LOCKS = "chỉ khoá khi được duyệt"
