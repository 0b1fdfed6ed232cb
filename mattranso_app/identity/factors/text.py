"""Wording of the second step and of the page that sets second factors up."""

STEP_TITLE = "Bước hai: xác minh"
STEP_LEAD = "Mở ứng dụng xác thực trên điện thoại và nhập mã 6 chữ số đang hiện. Mất điện thoại thì nhập một mã dự phòng."
STEP_PASSKEY = "Xác minh bằng passkey: vân tay, khuôn mặt, mã PIN của máy hoặc khoá bảo mật. Không dùng được thì nhập một mã dự phòng."
STEP_BOTH = "Xác minh bằng passkey, hoặc nhập mã 6 chữ số đang hiện trong ứng dụng xác thực. Mất điện thoại thì nhập một mã dự phòng."
ASK_CODE = "Mã xác minh hoặc mã dự phòng"
ASK_RECOVERY = "Mã dự phòng"
GO_ON = "Tiếp tục"
START_AGAIN = "Đăng nhập lại từ đầu"
STEP_GONE_TITLE = "Cần đăng nhập lại"

SECURITY = "Bảo mật"
LEAD = "Xác minh hai bước: ngoài mật khẩu còn cần passkey hoặc mã trên điện thoại của mình, nên người khác biết mật khẩu cũng không vào được."
LEAD_CITIZEN = "Passkey là một cách đăng nhập thêm, không phải chờ mã. Vẫn đăng nhập được bằng mã như trước."
OBLIGED = "Tài khoản có quyền duyệt hoặc quản trị phải xác minh hai bước. Hãy cài đặt ngay bên dưới; các quyền mở lại sau khi cài xong."
FACTORS = "Các cách xác minh"
NO_FACTORS = "Chưa có cách xác minh nào."
ADDED = "thêm ngày {day}"
USED = "dùng lần cuối {moment}"
REMOVE = "Gỡ"
ADD = "Thêm ứng dụng xác thực"
ADD_PASSKEY = "Thêm passkey"
SUSPECT = "Có dấu hiệu bị sao chép nên đã bị chặn; hãy gỡ và tạo cái mới"
ADD_PASSKEY = "Thêm passkey"
SUSPECT = "Có dấu hiệu bị sao chép nên đã bị chặn; hãy gỡ và tạo cái mới"
RECOVERY = "Mã dự phòng"
RECOVERY_LEFT = "Còn {count} mã dự phòng chưa dùng."
RENEW = "Tạo mã dự phòng mới"
RENEW_NOTE = "Các mã cũ sẽ không dùng được nữa."
BACK_TO_ACCOUNT = "Về trang Tài khoản"
TIME = "%H:%M %d/%m/%Y"
DAY = "%d/%m/%Y"

ENROL_TITLE = "Thêm ứng dụng xác thực"
ENROL_STEPS = (
    "Cài một ứng dụng xác thực trên điện thoại, ví dụ Google Authenticator hoặc Microsoft Authenticator.",
    "Trong ứng dụng, chọn thêm tài khoản rồi quét hình bên dưới. Không quét được thì nhập khoá bằng tay.",
    "Nhập mã 6 chữ số ứng dụng đang hiện để xác nhận.",
)
QR = "Mã QR để ứng dụng xác thực quét"
TYPED_SECRET = "Khoá để nhập bằng tay"
ASK_NAME = "Tên gọi, để dễ nhận ra"
ASK_FIRST_CODE = "Mã ứng dụng đang hiện"
CONFIRM = "Xác nhận"
CANCEL = "Bỏ qua, không thêm"

CODES_TITLE = "Mã dự phòng"
CODES_LEAD = "Mười mã này chỉ hiện lần này. Hãy in hoặc chép ra giấy và cất nơi an toàn. Mất điện thoại thì mỗi mã đăng nhập được một lần."
CODES_KEPT = "Tôi đã cất mã, đi tiếp"
PRINT = "In"
COPY = "Chép"
COPIED = "Đã chép"

PROVE_TITLE = "Xác minh lại"
PROVE = {
    "code": "Việc này cần xác minh lại. Nhập mã đang hiện trong ứng dụng xác thực, hoặc một mã dự phòng. Điều đã nhập vẫn được giữ.",
    "passkey": "Việc này cần xác minh lại. Dùng passkey, hoặc nhập một mã dự phòng. Điều đã nhập vẫn được giữ.",
    "code_or_passkey": "Việc này cần xác minh lại. Dùng passkey, hoặc nhập mã đang hiện trong ứng dụng xác thực hay một mã dự phòng. Điều đã nhập vẫn được giữ.",
    "password": "Việc này cần xác minh lại. Nhập mật khẩu của mình. Điều đã nhập vẫn được giữ.",
    "passkey_or_sign_in": "Việc này cần xác minh lại. Dùng passkey, hoặc nhận mã qua liên hệ của tài khoản.",
    "sign_in": "Việc này cần xác minh lại. Nhận mã qua liên hệ của tài khoản, nhập mã rồi làm tiếp.",
}
SEND_CODE = "Gửi mã cho tôi"
PROVED_TITLE = "Đã xác minh"
PROVED = "Đã xác minh. Hãy quay lại trang đang làm và bấm lại nút vừa rồi; điều đã nhập vẫn còn."
ASK_PASSWORD = "Mật khẩu"
PROVE_ACT = "Xác minh"
CHANGED_MIND = "Không làm nữa"
SIGN_OUT = "Đăng xuất"

PASSKEY_SIGN_IN = "Đăng nhập bằng passkey"
PASSKEY_SIGN_IN_LEAD = "Dùng vân tay, khuôn mặt, mã PIN của máy hoặc khoá bảo mật; không cần mật khẩu và mã. Passkey được thêm ở trang Tài khoản, mục Bảo mật."
USE_PASSKEY = "Dùng passkey"
OTHER_WAYS = "Đăng nhập cách khác"
PASSKEY_WHAT = "Passkey là chìa khoá nằm trong điện thoại, máy tính hoặc khoá bảo mật của mình, mở bằng vân tay, khuôn mặt hay mã PIN của máy. Không ai đoán hay lừa lấy được, và không phải nhớ gì."
PASSKEY_NAME_HINT = "Ví dụ: Điện thoại của tôi"
MAKE_PASSKEY = "Tạo passkey"
NO_PASSKEYS_HERE = "Trình duyệt này không dùng được passkey; trang mở từ Zalo hay ứng dụng khác thường như vậy. Hãy mở trang bằng Chrome hoặc Safari, hoặc chọn cách khác."
SAYS = {
    "waiting": "Hãy làm theo hướng dẫn của máy…",
    "cancelled": "Chưa dùng passkey: đã bỏ qua, quá lâu hoặc máy này chưa có passkey của Mặt trận số. Bấm nút để thử lại.",
    "known": "Máy hoặc khoá bảo mật này đã có passkey của tài khoản.",
    "place": "Passkey chỉ dùng được ở địa chỉ chính thức của Mặt trận số.",
    "failed": "Chưa dùng được passkey. Hãy thử lại, hoặc chọn cách khác.",
}
