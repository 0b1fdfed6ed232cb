"""The Vietnamese wording of accounts and sign-in, in one place."""

from __future__ import annotations

BAD_PHONE = "Số điện thoại chưa đúng. Bà con nhập số di động 10 chữ số, ví dụ 0912 345 678, hoặc dùng thư điện tử."
BAD_EMAIL = "Địa chỉ thư điện tử chưa đúng. Bà con kiểm tra lại, ví dụ ten@vidu.vn."

SIGN_IN_REFUSED = "Tên đăng nhập hoặc mật khẩu chưa đúng. Hãy kiểm tra lại; quên mật khẩu thì liên hệ quản trị viên của đơn vị."
CODE_REFUSED = "Mã chưa đúng hoặc đã hết hạn. Bà con kiểm tra tin nhắn mới nhất, hoặc xin mã khác."
CODE_SENT = "Nếu địa chỉ này nhận được tin, mã gồm 6 chữ số đang được gửi tới. Mã dùng được trong 5 phút."
FIRST_REFUSED = "Tên đăng nhập hoặc mã dùng một lần chưa đúng hay đã hết hạn. Hãy xin mã mới từ quản trị viên của đơn vị."
DISABLED = "Tài khoản này đã bị khoá. Bà con liên hệ Ủy ban Mặt trận nơi mình ở để được giúp."
TOO_MANY = "Đã thử quá nhiều lần. Hãy chờ ít phút rồi thử lại."
FOREIGN_ORIGIN = "Yêu cầu này đến từ một trang khác nên không được nhận. Hãy mở lại trang của Mặt trận số rồi làm tiếp."
FOREIGN_HOST = "Địa chỉ máy chủ không đúng. Hãy mở trang bằng địa chỉ chính thức của Mặt trận số."
UNKNOWN_ACT = "Trang này đã cũ so với hệ thống. Hãy tải lại trang rồi làm tiếp; nội dung đang soạn vẫn được giữ."
BAD_PAYLOAD = "Dữ liệu gửi lên chưa đúng dạng. Hãy tải lại trang rồi thử lại."
TOO_LARGE = "Nội dung gửi lên quá dài. Hãy rút gọn rồi gửi lại."

WEAK_SHORT = "Mật khẩu cần ít nhất 12 ký tự; một câu dễ nhớ là tốt nhất."
WEAK_LONG = "Mật khẩu dài quá 128 ký tự."
WEAK_PLAIN = "Mật khẩu này dễ đoán. Hãy chọn câu khác, không chứa tên đăng nhập."
OLD_WRONG = "Mật khẩu hiện tại chưa đúng."
SAME_AS_OLD = "Mật khẩu mới phải khác mật khẩu hiện tại."

USER_NAME_RULE = "Tên đăng nhập gồm 3–40 chữ cái không dấu, chữ số, dấu chấm hoặc gạch ngang, bắt đầu bằng chữ cái."
USER_NAME_TAKEN = "Tên đăng nhập này đã có người dùng."
NAME_RULE = "Hãy ghi họ và tên, từ 2 đến 100 ký tự."
UNKNOWN_UNIT = "Đơn vị này không có hoặc không còn hoạt động. Hãy chọn lại."
UNKNOWN_ROLE = "Vai trò hoặc tổ chức này không có."
NOT_OWN_ROLES = "Không ai tự đổi quyền của chính mình. Hãy nhờ quản trị viên khác."
NOT_YOURS_TO_MANAGE = "Tài khoản này còn có quyền ở đơn vị ngoài phạm vi của bạn. Hãy nhờ quản trị viên cấp trên."
HAS_ROLE = "Người này đã có vai trò đó ở đơn vị đó."
LAST_ADMINISTRATOR = "Đây là quản trị viên cuối cùng của đơn vị. Hãy giao vai trò quản trị viên cho một người khác trước, rồi làm lại."
UNKNOWN_PERSON = "Không tìm thấy tài khoản này trong phạm vi của bạn."
UNKNOWN_SESSION = "Phiên này đã kết thúc hoặc không phải của bạn."

PROOF_REFUSED = "Mã chưa đúng hoặc đã dùng. Chờ ứng dụng hiện mã mới rồi nhập lại; giờ trên điện thoại cần để tự động."
FIRST_CODE_REFUSED = "Mã chưa đúng. Nhập mã đang hiện trong ứng dụng; giờ trên điện thoại cần để tự động."
STEP_GONE = "Lần đăng nhập này đã quá lâu, đã thử quá nhiều lần hoặc bắt đầu ở trình duyệt khác. Hãy đăng nhập lại từ đầu."
SIGN_IN_AGAIN = "Hãy đăng xuất rồi đăng nhập lại để xác minh."
LAST_FACTOR = "Tài khoản có quyền duyệt hoặc quản trị phải giữ ít nhất một cách xác minh. Hãy thêm cách khác trước khi gỡ cách này."
UNKNOWN_FACTOR = "Cách xác minh này đã được gỡ hoặc không phải của bạn."
LAST_WAY_IN = "Tài khoản này chưa có mật khẩu, nên phải giữ ít nhất một passkey để đăng nhập. Hãy thêm passkey khác trước khi gỡ."
NO_PASSKEY = "Tài khoản này chưa có passkey nào dùng được. Hãy chọn cách khác."
PASSKEY = "Passkey"
PASSKEY_REFUSED = "Passkey này không dùng được ở đây: có thể đã bị gỡ, thuộc tài khoản khác hoặc tài khoản đã khoá. Hãy thử lại hoặc chọn cách khác."
PASSKEY_LATE = "Lần hỏi passkey này đã quá lâu, đã dùng rồi hoặc bắt đầu ở trình duyệt khác. Hãy bấm lại nút passkey."
PASSKEY_SUSPECT = "Passkey này có dấu hiệu bị sao chép nên không dùng được nữa. Hãy đăng nhập cách khác, vào mục Bảo mật gỡ passkey này rồi tạo cái mới."
PASSKEY_NOT_MADE = "Chưa tạo được passkey. Hãy thử lại; vẫn không được thì dùng trình duyệt hoặc thiết bị khác."
PASSKEY_KNOWN = "Passkey này đã được thêm rồi."
FACTOR_ADDED_SUBJECT = "Tài khoản Mặt trận số vừa có thêm cách xác minh"
FACTOR_REMOVED_SUBJECT = "Tài khoản Mặt trận số vừa gỡ một cách xác minh"
FACTORS_RESET_NOTICE = "Quản trị viên đã gỡ mọi cách xác minh và mọi liên kết với tài khoản ở nơi khác (như VNeID) khỏi tài khoản Mặt trận số của anh chị. Không phải anh chị đề nghị thì báo ngay cho quản trị viên của đơn vị."
SUSPECT_SUBJECT = "Một passkey của anh chị có dấu hiệu bị sao chép"
SUSPECT_NOTICE = "Một passkey của tài khoản Mặt trận số có dấu hiệu bị sao chép và đã bị chặn. Hãy đăng nhập cách khác, vào mục Bảo mật gỡ passkey đó và báo cho quản trị viên của đơn vị."
NOTHING_PENDING = "Lần cài đặt này đã quá lâu. Hãy bắt đầu lại."
NO_FACTOR_YET = "Chưa có cách xác minh nào. Hãy thêm ứng dụng xác thực trước."
MOST_FACTORS = "Đã có 5 cách xác minh. Hãy gỡ một cách không dùng nữa rồi thêm."
TOTP = "Ứng dụng xác thực"


def factor_added(name: str) -> str:
    """Return the notice of a factor that was added."""
    return f"“{name}” vừa được thêm làm cách xác minh của tài khoản Mặt trận số. Không phải mình làm thì vào mục Bảo mật gỡ ngay và đổi mật khẩu."


def factor_removed(name: str) -> str:
    """Return the notice of a factor that was removed."""
    return f"Cách xác minh “{name}” vừa được gỡ khỏi tài khoản Mặt trận số. Không phải mình làm thì đổi mật khẩu và báo ngay cho quản trị viên."


NO_SMS = "Hệ thống chưa gửi được tin nhắn điện thoại. Bà con dùng thư điện tử, hoặc gửi phản ánh không cần đăng nhập."
CODE_SUBJECT = "Mã đăng nhập Mặt trận số"


def code_message(code: str) -> str:
    """Return the message that carries a one-time code; short enough for one SMS."""
    return f"{code} la ma dang nhap Mat tran so, dung trong 5 phut. Khong dua ma nay cho bat ky ai."


ROLES = {
    "reader": "Người xem",
    "handler": "Người xử lý",
    "approver": "Người duyệt",
    "administrator": "Quản trị viên",
}

ORGANISATIONS = {
    "mttq": "Mặt trận Tổ quốc",
    "cong_doan": "Công đoàn",
    "nong_dan": "Hội Nông dân",
    "phu_nu": "Hội Liên hiệp Phụ nữ",
    "thanh_nien": "Đoàn Thanh niên",
    "cuu_chien_binh": "Hội Cựu chiến binh",
}

CITIZEN = "Bà con"

# Pages.
HOME = "Trang chủ"
SIGN_IN = "Đăng nhập"
SIGN_OUT = "Đăng xuất"
OUTSIDE = "Đăng nhập bằng tài khoản ở nơi khác"
OUTSIDE_LEAD = "Không có hoặc không dùng được thì các cách bên trên vẫn mở."
OUTSIDE_LINKS = "Tài khoản liên kết"
WITH_PASSKEY = "Đăng nhập bằng passkey"
CITIZENS = "Bà con đăng nhập bằng mã"
CITIZENS_LEAD = "Nhận mã qua điện thoại hoặc thư điện tử. Không có tài khoản vẫn gửi được phản ánh."
ASK_CONTACT = "Số điện thoại hoặc thư điện tử"
SEND_CODE = "Gửi mã cho tôi"
OFFICERS = "Cán bộ đăng nhập bằng mật khẩu"
ASK_USER_NAME = "Tên đăng nhập"
ASK_PASSWORD = "Mật khẩu"
FIRST_TIME = "Đăng nhập lần đầu"
ENTER_CODE = "Nhập mã"
ASK_CODE = "Mã gồm 6 chữ số"
ANOTHER_CODE = "Xin mã khác"
ASK_HANDED_CODE = "Mã dùng một lần do quản trị viên đưa"
ASK_NEW_PASSWORD = "Mật khẩu mới"
PASSWORD_HINT = "Ít nhất 12 ký tự; một câu dễ nhớ là tốt nhất."
SAVE_AND_SIGN_IN = "Lưu và đăng nhập"
ACCOUNT = "Tài khoản"
DESK = "Bàn làm việc"
SESSIONS = "Các phiên đang mở"
THIS_SESSION = "phiên này"
END = "Kết thúc"
BROWSER_ON = "{browser} trên {device}"
UNKNOWN_BROWSER = "Trình duyệt không rõ"
CHANGE_PASSWORD = "Đổi mật khẩu"
DEMO_MESSAGES = "Tin nhắn trình diễn"
CODE_IN_DEMO = "Máy trình diễn: xem mã ở trang Tin nhắn trình diễn"
MINE = "Phản ánh của tôi"
DEMO_MESSAGES_LEAD = "Trên máy trình diễn, tin nhắn và thư không đi đâu cả mà hiện ở đây."
NO_MESSAGES = "Chưa có tin nào"
LOOK_AGAIN = "Xem lại"
TRAP = "Để trống ô này"
FAULTS = {
    "sai": "Thông tin chưa đúng. Hãy kiểm tra lại từng ô rồi thử lần nữa.",
    "ba-con-sai": "Số điện thoại hoặc thư điện tử chưa đúng. Ví dụ: 0912 345 678, hoặc ten@vidu.vn.",
    "can-bo-sai": SIGN_IN_REFUSED,
    "ma-sai": CODE_REFUSED,
    "lan-dau-sai": FIRST_REFUSED,
    "mat-khau-sai": OLD_WRONG,
    "cho": TOO_MANY,
    "khoa": DISABLED,
    "ban": "Hệ thống đang bận. Hãy thử lại sau ít phút.",
    "loi": "Chưa thực hiện được. Hãy thử lại.",
}

# The staff screen.
STAFF = "Cán bộ của đơn vị"
STAFF_LEAD = "Tài khoản của đơn vị anh chị quản trị và các đơn vị bên dưới. Mỗi thay đổi được ghi vào nhật ký."
ORGANISATION = "Tổ chức"
INVITE = "Mời cán bộ"
ADD_STAFF = "Thêm cán bộ"
ADD_STAFF_LEAD = "Dành cho người không có thư điện tử và điện thoại để mời. Mã được đưa tận tay, người ấy tự đặt mật khẩu."
ADD_STAFF_ACT = "Thêm và lấy mã"
ASK_NAME = "Họ và tên"
ROLE = "Vai trò"
ROLE_CHOICES = ROLES
ASK_STAFF_UNIT = "Đơn vị làm việc"
STAFF_UNIT_HINT = "Để trống là đơn vị của anh chị."
FIND_STAFF = "Tên đăng nhập bắt đầu bằng…"
FIND = "Tìm"
NO_STAFF = "Không có cán bộ nào như vậy"
STAFF_ADDED = "Đã thêm cán bộ."
CODE_MADE = "Đã tạo mã."
CODE_ONCE = "Mã dùng một lần, chỉ hiện lần này"
CODE_HAND_OVER = "Đưa tận tay. Cán bộ mở “Đăng nhập lần đầu”, nhập mã và tự đặt mật khẩu trong 72 giờ."
STAFF_DISABLED = "Đã khoá tài khoản; mọi phiên đang mở đã kết thúc."
STAFF_ENABLED = "Đã mở lại tài khoản."
ROLE_GIVEN = "Đã giao vai trò."
ROLE_TAKEN = "Đã thôi vai trò."
STATUS_ACTIVE = "đang dùng"
UNIT_MERGED = "{unit} đã nhập vào {heir}, nên vai trò của anh chị ở đó đã kết thúc. Tài khoản vẫn còn; hãy đề nghị quản trị viên của {heir} giao lại vai trò."
NO_ROLE = "Tài khoản của anh chị hiện chưa có vai trò nào. Hãy đề nghị quản trị viên của đơn vị giao vai trò."
STATUS_NO_ROLE = "chưa có vai trò"
STATUS_WAITING = "chưa đặt mật khẩu"
STATUS_DISABLED = "đã khoá"
TAKE_ROLE = "Thôi"
ADD_ROLE = "Chọn vai trò…"
GIVE_ROLE = "Giao vai trò"
GIVE_CODE = "Cấp mã đặt lại mật khẩu"
RESET_FACTORS = "Gỡ xác minh hai bước"
FACTORS_RESET = "Đã gỡ xác minh hai bước; mọi phiên của người này đã kết thúc. Chỉ làm khi gặp trực tiếp."
PROVE_FIRST = "Việc này cần xác minh lại. Bấm “Xác minh” (mở trang mới), rồi quay lại đây bấm lại nút vừa rồi."
PROVE_AGAIN = "Xác minh"
SECURITY = "Bảo mật: xác minh hai bước"
CONSENTS = "Ứng dụng đã đồng ý"
TOKENS = "Khoá truy cập cho phần mềm"
OWN_DATA = "Dữ liệu của tôi: xem, lấy về, xoá"
DATA_REQUESTS = "Yêu cầu về dữ liệu cá nhân"
APPLICATIONS = "Ứng dụng đăng nhập qua Mặt trận số"
DISABLE = "Khoá tài khoản"
ENABLE = "Mở lại"
MANAGE = "Quản lý"
THIS_IS_YOU = "Đây là tài khoản của anh chị. Quyền của mình do quản trị viên khác đổi."
GROUPS = "Thôn, bản, tổ dân phố"
END_OTHERS = "Kết thúc mọi phiên khác"
SESSION_ENDED = "Đã kết thúc phiên."
OTHERS_ENDED = "Đã kết thúc mọi phiên khác."

# The account's place on every page, and the end of a session.
CLOSE = "Đóng"
SLOT = {
    "sign_in": SIGN_IN,
    "account": ACCOUNT,
    "ending": "Phiên làm việc sắp hết",
    "left": "Đã lâu không có thao tác. Phiên tự kết thúc sau khoảng {n} phút; điều đang viết vẫn được giữ.",
    "stay": "Tiếp tục làm việc",
    "ended": "Phiên làm việc đã hết",
    "kept": "Điều đang viết được giữ. Đăng nhập lại là tiếp tục được ngay tại đây.",
    "sign_in_again": "Đăng nhập lại",
}
