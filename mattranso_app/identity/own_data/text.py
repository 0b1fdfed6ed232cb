"""Wording of the pages of one's own data and of the screen of requests."""

TITLE = "Dữ liệu của tôi"
LEAD = "Những gì Mặt trận số đang giữ về bà con. Xem, sửa, lấy về, rút đồng ý hoặc yêu cầu xoá ngay tại đây."
LEAD_OFFICER = "Những gì Mặt trận số đang giữ về tài khoản cán bộ này. Xem và lấy về ngay tại đây."
ONLY_FIRST = "Mỗi mục hiện nhiều nhất {most} dòng mới nhất; bản tải về có đủ."
EMPTY = "Không có."
NOTHING = "Không giữ gì ở các mục:"
DONE = {
    "ten": "Đã lưu tên.",
    "lien-he": "Đã đổi liên hệ. Các phiên khác và khoá truy cập đã kết thúc.",
    "tai-ve": "Đang chuẩn bị bản tải về. Xin tải lại trang này sau ít phút.",
    "xoa": "Đã ghi nhận yêu cầu xoá. Hạn thực hiện hiện ở bên dưới.",
    "thoi-xoa": "Đã rút yêu cầu xoá. Tài khoản vẫn như cũ.",
    "rut": "Đã rút đồng ý: cán bộ không còn liên hệ của bà con ở phản ánh đó.",
}
BACK = "Về trang Tài khoản"

CORRECT = "Sửa tên và liên hệ"
ASK_NAME = "Tên hiện trên tài khoản"
NAME_RULE = "Tên dài nhất 100 ký tự."
SAVE = "Lưu tên"
ASK_CONTACT = "Số điện thoại hoặc thư điện tử mới"
CONTACT_NOTE = "Mã xác nhận gửi tới liên hệ mới. Liên hệ chỉ đổi khi nhập đúng mã; các phiên khác khi đó kết thúc."
SEND_CODE = "Gửi mã tới liên hệ mới"
CODE_TITLE = "Xác nhận liên hệ mới"
CODE_LEAD = "Nếu {to} nhận được tin, mã gồm 6 chữ số đang được gửi tới. Mã dùng được trong 5 phút."
ASK_CODE = "Mã gồm 6 chữ số"
CONFIRM = "Xác nhận"
CONTACT_TAKEN = "Liên hệ này đang thuộc một tài khoản khác. Bà con đăng nhập bằng liên hệ đó, hoặc dùng liên hệ khác."
CONTACT_SAME = "Tài khoản đang dùng chính liên hệ này."
CODE_SUBJECT = "Mã xác nhận liên hệ Mặt trận số"
CHANGED_SUBJECT = "Liên hệ của tài khoản Mặt trận số đã đổi"
CHANGED_MESSAGE = "Lien he cua tai khoan Mat tran so vua duoc doi. Neu khong phai ba con lam, hay bao Uy ban Mat tran noi minh o."


def code_message(code: str) -> str:
    """Return the message that carries the code for a new contact; short enough for one SMS."""
    return f"{code} la ma xac nhan lien he moi tren Mat tran so, dung trong 5 phut. Khong dua ma nay cho bat ky ai."


TAKE = "Lấy dữ liệu về"
TAKE_LEAD = "Tệp nén gồm bản đọc được (HTML), bản cho phần mềm (JSON) và ảnh đã gửi. Giữ {days} ngày rồi tự xoá; chỉ chủ tài khoản tải được."
MAKE = "Chuẩn bị bản tải về"
FETCH = "Tải về ({size}, đến {until})"
WAITING = "Đang chuẩn bị bản tải về (yêu cầu lúc {at}). Xin tải lại trang sau ít phút."
FAILED = "Lần trước chưa chuẩn bị được. Xin thử lại."
EXPORT_WAITS = "Một bản tải về đang được chuẩn bị. Xin chờ ít phút."
EXPORT_GONE = "Bản tải về này không còn hoặc thuộc tài khoản khác. Hãy chuẩn bị bản mới."

WITHDRAW = "Rút đồng ý"
WITHDRAW_LEAD = "Bà con đã đồng ý để cán bộ liên hệ về các phản ánh dưới đây. Rút đồng ý thì số điện thoại, thư điện tử bị xoá khỏi phản ánh đó."
WITHDRAW_ACT = "Rút đồng ý liên hệ"
CONSENTS = "Ứng dụng đã đồng ý: xem và rút"

ERASE = "Xoá tài khoản và dữ liệu"
ERASE_LEAD = (
    "Tên, liên hệ, phiên đăng nhập và mọi liên kết tới phản ánh của bà con bị xoá; không lấy lại được.",
    "Phản ánh đang xử lý được làm xong trước đã.",
    "Phản ánh đã công khai vẫn còn bản công khai đã che thông tin riêng, không dẫn tới bà con.",
    "Nội dung gốc của phản ánh đã trả lời được che tên, liên hệ; quá thời hạn lưu trữ thì chỉ còn bản công khai.",
    "Nhật ký hệ thống theo luật được giữ, không có tên và liên hệ. Bản sao lưu cũ tự hết hạn theo lịch sao lưu.",
)
ERASE_ACT = "Yêu cầu xoá"
ERASE_SURE = "Tôi hiểu và muốn xoá tài khoản cùng dữ liệu của mình"
ERASE_TICK = "Hãy đánh dấu vào ô xác nhận trước khi yêu cầu xoá."
ERASE_OPEN = "Yêu cầu xoá gửi ngày {asked}. Hạn thực hiện: {due}. Căn cứ: {basis}."
ERASE_UNFINISHED = "Còn {count} phản ánh đang xử lý; yêu cầu được thực hiện sau khi trả lời xong."
ERASE_REFUSED = "Yêu cầu xoá ngày {asked} đã bị từ chối ngày {decided}: {reason}"
ERASE_CANCEL = "Thôi, không xoá nữa"
ERASE_AGAIN = "Yêu cầu xoá đã được ghi nhận trước đó."
NOT_OPEN = "Yêu cầu này đã được xử lý hoặc đã rút."
CITIZENS_ONLY = "Tài khoản cán bộ do quản trị viên của đơn vị quản lý: sửa tên, khoá hay chuyển đơn vị xin hỏi quản trị viên."
ERASED_SUBJECT = "Đã xoá dữ liệu trên Mặt trận số"
ERASED_MESSAGE = "Theo yeu cau cua ba con, tai khoan va du lieu ca nhan tren Mat tran so da duoc xoa."

# The sections of what is held.
ACCOUNT = "Tài khoản"
ACCOUNT_LABELS = {"name": "Tên", "phone": "Điện thoại", "email": "Thư điện tử", "created_at": "Tạo lúc"}
SESSIONS = "Phiên đăng nhập"
SESSION_LABELS = {"created_at": "Bắt đầu", "last_seen_at": "Hoạt động cuối", "address": "Địa chỉ mạng", "agent": "Trình duyệt", "state": "Trạng thái"}
OPEN = "đang mở"
ENDED = "đã kết thúc"
TOKENS = "Khoá truy cập"
TOKEN_LABELS = {"name": "Tên gọi", "scopes": "Phạm vi", "created_at": "Tạo lúc", "expires_at": "Hết hạn", "state": "Trạng thái"}
VALID = "đang dùng"
REVOKED = "đã thu hồi hoặc hết hạn"
FACTORS = "Xác minh hai bước"
FACTOR_LABELS = {"name": "Tên gọi", "created_at": "Thêm lúc", "last_used_at": "Dùng lần cuối"}
APPLICATIONS = "Đồng ý cho ứng dụng"
APPLICATION_LABELS = {"name": "Ứng dụng", "scope": "Phạm vi", "granted_at": "Đồng ý lúc", "withdrawn_at": "Rút lúc"}
LINKS = "Tài khoản ngoài đã liên kết"
LINK_LABELS = {"provider": "Nơi cấp", "created_at": "Liên kết lúc", "last_used_at": "Dùng lần cuối", "removed_at": "Gỡ lúc"}
LOOKUPS = "Tra cứu dữ liệu dân cư"
LOOKUP_LABELS = {"at": "Lúc", "purpose": "Mục đích", "outcome": "Kết quả", "by": "Người tra cứu"}
OUTCOMES = {"confirmed": "khớp", "differs": "không khớp", "unavailable": "không tra được"}
BY_SELF = "chính bà con"
BY_OFFICER = "cán bộ"
REQUESTS = "Yêu cầu về dữ liệu"
REQUEST_LABELS = {"kind": "Loại", "state": "Trạng thái", "asked_at": "Gửi lúc", "due_at": "Hạn", "decided_at": "Xử lý lúc", "reason": "Lý do"}
KINDS = {"erase": "Xoá dữ liệu"}
STATES = {"open": "đang chờ", "done": "đã thực hiện", "refused": "bị từ chối", "cancelled": "đã rút"}

# The archive.
ARCHIVE_TITLE = "Dữ liệu của tôi trên Mặt trận số"
ARCHIVE_LEAD = "Bản lấy ngày {day}. Giờ Việt Nam."
PHOTOS = "Ảnh đã gửi"

# The screen of the office that must act.
DESK_TITLE = "Yêu cầu về dữ liệu cá nhân"
DESK_LEAD = "Yêu cầu xoá của người dân, việc sắp đến hạn đứng trước. Đơn vị thực hiện: Trung ương. Mỗi quyết định được ghi vào nhật ký."
DESK_NONE = "Không có yêu cầu nào đang chờ."
DESK_ROW = "Tài khoản {contact}, gửi ngày {asked}. Hạn thực hiện {due} ({left})."
DESK_LEFT = "còn {days} ngày làm việc"
DESK_TODAY = "đến hạn hôm nay"
DESK_LATE = "quá hạn {days} ngày làm việc"
DESK_UNFINISHED = "Còn {count} phản ánh đang xử lý, cần trả lời trước."
DESK_READY = "Không còn phản ánh đang xử lý: có thể thực hiện."
FULFIL = "Xoá dữ liệu"
FORESEE = "Xem trước việc xoá"
FORESEE_TITLE = "Xem trước việc xoá theo yêu cầu {id}"
FORESEE_LEAD = (
    "Trong lời của chính người gửi, tên và liên hệ được che. Trong văn bản của cán bộ và bản công khai, số điện thoại, thư điện tử được che; "
    "tên chỉ được che khi đúng là họ tên, có từ lúc gửi, không trùng tên đơn vị hay cán bộ."
)
FORESEE_NAME = "“{name}”: sẽ che trong {texts} văn bản của cán bộ."
FORESEE_KEPT = "“{name}”: không che trong văn bản nào của cán bộ."
FORESEE_NAMELESS = "Tài khoản không có tên."
FORESEE_FINAL = "Đã xoá thì không lấy lại được."
REFUSE = "Từ chối"
ASK_REASON = "Lý do từ chối (người dân đọc được)"
REASON_RULE = "Hãy ghi lý do từ 10 đến 500 ký tự để người dân hiểu."
NEXT = "Trang sau"
DESK_DONE = {"xoa": "Đã xoá dữ liệu theo yêu cầu.", "tu-choi": "Đã từ chối; người dân thấy lý do."}
NO_CONTACT = "không còn liên hệ"
DAY = "%d/%m/%Y"
TIME = "%H:%M %d/%m/%Y"
