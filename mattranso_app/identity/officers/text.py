"""The Vietnamese wording of lent roles, transfers and the screen of rights, in one place."""

from __future__ import annotations

# Lending.
CHOOSE_ROLES = "Hãy chọn ít nhất một vai trò để uỷ quyền."
ROLE_GONE = "Vai trò này vừa kết thúc. Hãy tải lại trang rồi chọn lại."
LENT_ALREADY = "Người này đang được uỷ quyền vai trò đó trong khoảng ngày trùng nhau. Hãy kết thúc lần uỷ quyền cũ hoặc chọn ngày khác."
LENDING_GONE = "Uỷ quyền này đã kết thúc hoặc không thuộc phạm vi của anh chị. Hãy tải lại trang."
FIRST_DAY_RULE = "Ngày bắt đầu từ hôm nay, trong vòng một năm tới."
LAST_DAY_RULE = "Ngày kết thúc không trước ngày bắt đầu, cách không quá 188 ngày."
NO_SUCH_COLLEAGUE = "Không có đồng nghiệp này ở cùng đơn vị. Hãy nhập tên đăng nhập của người đang dùng tài khoản ở cùng đơn vị."
NOT_TO_ONESELF = "Không uỷ quyền cho chính người nghỉ. Hãy chọn đồng nghiệp khác."
NOT_FOR_ONESELF = "Quản trị viên không tự nhận quyền của người khác. Hãy để người nghỉ tự uỷ quyền, hoặc nhờ quản trị viên khác."

# Transfers.
SAME_UNIT = "Cán bộ đang ở chính đơn vị này. Hãy chọn đơn vị khác."
MOVING_ALREADY = "Cán bộ này đang chờ chuyển. Hãy thu hồi đề nghị cũ trước."
TRANSFER_GONE = "Đề nghị chuyển này đã được giải quyết hoặc không thuộc phạm vi của anh chị. Hãy tải lại trang."
TRANSFER_STALE = "Vai trò hoặc đơn vị của cán bộ đã đổi từ khi đề nghị chuyển. Hãy từ chối để đơn vị cũ đề nghị lại."
TRANSFER_VOID = "Người đề nghị không còn quyền quản trị cán bộ này. Hãy từ chối để đơn vị cũ đề nghị lại."
TRANSFER_MERGED_SUBJECT = "Một đề nghị chuyển cán bộ đã kết thúc"
TRANSFER_MERGED = "Đề nghị chuyển {name} đã kết thúc vì đơn vị đã sáp nhập. Nếu vẫn cần chuyển, quản trị viên của đơn vị mới đề nghị lại."
TRANSFER_DISABLED = "Tài khoản đang bị khoá. Hãy mở lại tài khoản trước khi chuyển."
CHOOSE_NEW_ROLES = "Hãy chọn ít nhất một vai trò ở đơn vị mới."

# The screens.
NOT_A_DAY = "Hãy chọn một ngày trong lịch."
LENDING = "Uỷ quyền khi nghỉ"
LENDING_LEAD = "Giao vai trò cho đồng nghiệp cùng đơn vị trong những ngày nghỉ. Hết ngày cuối, uỷ quyền tự hết."
LENDING_OF = "Vai trò của {name}"
LENDING_NOW = "Đang và sắp uỷ quyền"
NO_LENDING = "Chưa có uỷ quyền nào"
NOTHING_TO_LEND = "Không có vai trò nào để uỷ quyền."
WHICH_ROLES = "Vai trò uỷ quyền"
TO_WHOM = "Tên đăng nhập của đồng nghiệp"
TO_WHOM_HINT = "Gõ vài chữ rồi chọn trong danh sách; chỉ người cùng đơn vị."
FIRST_DAY = "Từ ngày"
LAST_DAY = "Đến hết ngày"
LEND = "Uỷ quyền"
LENT = "Đã uỷ quyền. Việc làm thay được ghi vào nhật ký là làm thay ai."
END_LENDING = "Kết thúc sớm"
LENDING_ENDED = "Đã kết thúc uỷ quyền."
LENT_LINE = "{lender} uỷ quyền cho {person}: {role} · {unit}, từ {first} đến hết {last}"

MOVING = "Chuyển đơn vị"
MOVING_LEAD = "Đơn vị cũ đề nghị, đơn vị mới tiếp nhận và chọn vai trò. Khi tiếp nhận, mọi vai trò cũ và uỷ quyền kết thúc; lịch sử còn nguyên."
MOVE_WHOM = "Chuyển {name}"
MOVE_TO = "Đơn vị mới"
PROPOSE = "Đề nghị chuyển"
PROPOSED = "Đã đề nghị. Quản trị viên của đơn vị mới sẽ tiếp nhận."
WAITING_TRANSFERS = "Đang chờ tiếp nhận"
NO_TRANSFERS = "Không có ai đang chờ chuyển"
TRANSFER_LINE = "Từ {old} sang {new}, đề nghị ngày {day}"
NEW_ROLES = "Vai trò ở đơn vị mới"
ACCEPT = "Tiếp nhận"
ACCEPTED = "Đã tiếp nhận; vai trò cũ và uỷ quyền đã kết thúc."
DECLINE = "Không tiếp nhận"
WITHDRAW = "Thu hồi đề nghị"
TRANSFER_ENDED = "Đã đóng đề nghị; cán bộ ở lại đơn vị cũ."

RIGHTS = "Ai làm được gì"
RIGHTS_LEAD = "Ai làm được gì ở một đơn vị, vì sao: vai trò nào, giao ở cấp nào, của mình hay được uỷ quyền."
RIGHTS_AT = "Ở {unit}"
RIGHTS_UNIT = "Đơn vị"
RIGHTS_UNIT_HINT = "Để trống là đơn vị của anh chị."
RIGHTS_ACTION = "Việc"
EVERY_ACTION = "Mọi việc"
RIGHTS_PERSON = "Tên hoặc tên đăng nhập"
LOOK = "Xem"
NOBODY = "Không có ai"
NOBODY_HINT = "Không người nào ở đây làm được việc này theo điều kiện đã chọn."
WITHHELD = "chưa dùng được: cần xác minh hai bước"
OWN_REASON = "{role} của {unit}"
LENT_REASON = "{role} của {unit}, {lender} uỷ quyền đến hết {last}"
ACTIONS = {
    "staff.manage": "Quản lý cán bộ và vai trò",
    "unit.manage_groups": "Quản lý thôn, bản, tổ dân phố",
    "unit.import": "Nhập danh mục đơn vị hành chính",
    "application.manage": "Quản lý ứng dụng dùng tài khoản Mặt trận số",
    "data.requests": "Giải quyết yêu cầu về dữ liệu cá nhân",
    "audit.read": "Xem nhật ký",
    "petition.read": "Xem phản ánh",
    "petition.read_contact": "Xem liên hệ của người gửi",
    "petition.handle": "Xử lý phản ánh",
    "petition.approve": "Duyệt và công khai trả lời",
    "registry.read": "Xem số liệu báo cáo",
    "registry.enter": "Nhập và gửi số liệu báo cáo",
    "registry.approve": "Duyệt, trả lại, mở lại báo cáo số liệu",
    "registry.design": "Lập biểu báo cáo",
}
"""Each act somebody can be given a right to; what everybody may do with his own account is not among them."""

# Many at once, by Excel.
SHEET_TITLE = "Cán bộ"
SHEET_HELP_TITLE = "Hướng dẫn"
SHEET_HEADERS = ("Họ và tên", "Thư điện tử hoặc điện thoại", "Vai trò", "Mã đơn vị")
SHEET_HELP = (
    "Mỗi dòng một người được mời làm cán bộ. Lời mời gửi tới thư điện tử hoặc số điện thoại riêng của người đó, dùng được 7 ngày.",
    "“Vai trò” chọn trong danh sách. “Mã đơn vị” để trống là đơn vị của anh chị; xã, phường là mã 5 chữ số. Không sửa dòng tiêu đề.",
)
SHEET_NO_HEADER = "Dòng đầu phải có các cột “Họ và tên”, “Thư điện tử hoặc điện thoại” và “Vai trò”. Hãy dùng mẫu tải về."
MOST_SHEETS = "Hôm nay đã kiểm tra 100 tệp. Hãy kiểm tra tiếp vào ngày mai; những tệp đã gửi lời mời không tính."
SHEET_EMPTY = "Bảng chưa có dòng nào."
SHEET_HAS_FAULTS = "Còn {count} dòng chưa đúng. Hãy sửa rồi nhập lại; chưa có gì được ghi."
FILE_MISSING = "Chưa có tệp. Hãy chọn tệp Excel đã điền."
ROW_FORMULA = "Ô này là công thức; hãy ghi chữ thường."
ROW_TWICE = "Trùng thư điện tử hoặc điện thoại với dòng {row} của bảng."
ROW_UNIT = "Không có đơn vị mang mã này trong phạm vi của anh chị."
ROW_ROLE = "Hãy chọn vai trò trong danh sách."
BY_EXCEL = "Mời nhiều cán bộ bằng Excel"
BY_EXCEL_LEAD = "Tải mẫu, điền mỗi dòng một người, rồi chọn tệp. Hệ thống kiểm tra từng dòng trước; bấm “Gửi” thì mỗi người nhận một lời mời."
TEMPLATE = "Tải mẫu Excel"
IMPORT_WORDS = {
    "choose": "Chọn tệp Excel (.xlsx)",
    "checking": "Đang kiểm tra…",
    "failed": "Chưa gửi được tệp vì mất kết nối. Hãy thử lại.",
    "row": "Dòng",
    "kind": "Vai trò",
    "name": "Người được mời",
    "result": "Kết quả",
    "caption": "Kết quả kiểm tra, chưa gửi gì",
    "fine": "sẽ mời",
    "known": "đã có tài khoản hoặc đã mời, bỏ qua",
    "faults": "Còn {n} dòng chưa đúng. Sửa trong tệp rồi chọn lại; chưa gửi gì.",
    "ready": "Mọi dòng đều đúng: {n} người mới.",
    "nothing": "Không có ai mới để mời.",
    "apply": "Gửi {n} lời mời",
    "done": "Đã gửi {n} lời mời.",
}
