"""Default wording of the design system. Pages pass their own words where these do not fit."""

from __future__ import annotations

BRAND = "Mặt trận số"
BRAND_NOTE = "Ủy ban MTTQ Việt Nam"
SKIP = "Tới nội dung chính"
NAVIGATION = "Chuyển trang"
DESK_SIDE = "Hàng việc"
SIGN_IN = "Đăng nhập"
ACCOUNT_WAYS = {
    "anonymous": (SIGN_IN, "/dang-nhap"), "citizen": ("Tài khoản", "/tai-khoan"), "officer": ("Bàn làm việc", "/phan-anh/ban-lam-viec"),
}
"""Kind of who is signed in → words and address of the top bar's right end."""
BACK = "Quay lại"
BACK_TO_LIST = "Về danh sách"
LITE = "Bản tối giản"
FOOTER_NOTE = "Ủy ban Mặt trận Tổ quốc Việt Nam các cấp"
FOOTER_LINKS = "Liên kết cuối trang"

PREFERENCES = {
    "title": "Cách hiển thị",
    "theme": "Nền trang",
    "light": "Sáng",
    "dark": "Tối",
    "system": "Theo máy",
    "large": "Chữ lớn",
}

CONNECTION = {
    "offline": "Máy đang không có mạng. Điều đã viết vẫn được giữ; có mạng là gửi tiếp.",
    "unreachable": "Chưa nối được với hệ thống. Đang tự nối lại, bà con không cần tải lại trang.",
}

OPTIONAL = "không bắt buộc"
ERROR_PREFIX = "Lỗi: "
SENT_FIELDS = (("number", "Số phản ánh (ai cũng xem được)"), ("receipt", "Mã biên nhận (chỉ bà con giữ)"))
SENT_NOTES = (("destination", "Nơi nhận"), ("due", "Hạn trả lời"))
ERRORS_TITLE = "Xin xem lại những chỗ sau"
CHOOSE = "Chọn…"
NEXT = "Trang sau"
PREVIOUS = "Trang trước"
PAGES = "Chuyển trang danh sách"
CLOSE = "Đóng"
LOADING = "Đang tải…"
SCROLL_TABLE = "Bảng, kéo ngang để xem hết"

CRASH = {
    "title": "Trang này gặp sự cố",
    "text": "Xin tải lại trang. Điều đã viết trong biểu mẫu vẫn được giữ trên máy này.",
    "reload": "Tải lại trang",
}

SIGNS = {"ok": "Tốt", "go": "Thông tin", "wait": "Lưu ý", "late": "Cảnh báo", "plain": "Thông tin"}
STEPS = {"done": "Đã xong", "now": "Đang ở bước này", "next": "Bước sau"}

SHORTCUTS = {
    "title": "Phím tắt",
    "off": "Tắt phím tắt một chữ",
    "on": "Bật phím tắt một chữ",
    "close": CLOSE,
    "move": "Lên, xuống trong danh sách",
    "help": "Xem phím tắt",
}

UNIT_PICKER = {
    "hint": "Gõ tên xã, phường hoặc tỉnh; không cần gõ dấu. Tên cũ cũng tìm được.",
    "results": "{n} kết quả. Dùng phím mũi tên để chọn.",
    "one": "1 kết quả. Bấm Enter để chọn.",
    "none": "Không thấy đơn vị nào như vậy. Xin thử viết ngắn hơn, hoặc chọn theo tỉnh, thành phố bên dưới.",
    "loading": "Đang tìm…",
    "offline": "Đang không có mạng: chỉ tìm trong những đơn vị đã xem trên máy này.",
    "failed": "Chưa tra được danh sách đơn vị. Xin thử lại sau ít phút.",
    "clear": "Xóa lựa chọn",
    "missing": "Xin chọn đơn vị: gõ tên rồi chọn trong danh sách hiện ra.",
    "unpicked": "Xin chọn một đơn vị trong danh sách hiện ra.",
    "picked": "Đã chọn",
    "browse": "Hoặc chọn theo tỉnh, thành phố",
    "province": "Tỉnh, thành phố",
    "unit": "Xã, phường, đặc khu",
    "choose": CHOOSE,
}

OUTBOX = {
    "saving": "Đang lưu nháp…",
    "saved": "Đã lưu nháp trên máy này lúc {time}",
    "restored": "Đã khôi phục bản nháp lưu lúc {time}.",
    "other": "Máy này còn một bản nháp khác, lưu lúc {time}.",
    "take_other": "Lấy lại bản nháp đó",
    "discard": "Xóa nháp",
    "discarded": "Đã xóa bản nháp.",
    "no_storage": "Trình duyệt này không cho lưu nháp. Xin đừng đóng trang trước khi gửi xong.",
    "no_photos_saved": "Máy hết chỗ nên bản nháp không giữ được ảnh. Xin gửi trước khi đóng trang.",
    "sending": "Đang gửi…",
    "waiting_title": "Đã giữ trên máy này, chờ gửi",
    "waiting_offline": "Đang không có mạng. Có mạng là tự gửi, bà con không phải viết lại.",
    "waiting_server": "Hệ thống đang bận. Sẽ tự gửi lại lúc {time}; bà con không phải viết lại.",
    "waiting_close": "Có thể đóng trang; lần sau mở lại trang này sẽ gửi tiếp.",
    "waiting_stay": "Xin giữ trang này mở đến khi gửi xong.",
    "send_now": "Gửi lại ngay",
    "edit": "Sửa lại",
    "refused": "Chưa gửi được",
    "sent_title": "Đã gửi",
    "another": "Viết phản ánh khác",
    "open": "Xem phản ánh",
    "copy": "Chép",
    "copied": "Đã chép",
    "save": "Lưu thành tệp",
    "print": "In",
    "file": "bien-nhan-{number}.txt",
    "kept": "Số và mã dưới đây đã được lưu trên máy này; xem lại ở trang Theo dõi.",
    "kept_not": "Trình duyệt này không cho lưu: bà con chép hoặc chụp lại mã trước khi đóng trang.",
    "receipt_use": (
        "Mã biên nhận giống như chìa khoá: ai có mã thì xem được toàn bộ nội dung đã gửi, kể cả phần không công khai. "
        "Bà con giữ riêng, đừng đăng lên mạng. Mất máy thì mã này là cách duy nhất để theo dõi tiếp."
    ),
    "errors": ERRORS_TITLE,
    "error_prefix": ERROR_PREFIX,
    "missing": "Xin điền mục “{label}”.",
    "too_long": "“{label}” dài quá: tối đa {max} ký tự, đang có {n}.",
    "malformed": "Xin xem lại mục “{label}”.",
    "unknown": "Hệ thống không nhận nội dung này. Xin kiểm tra lại và gửi lần nữa.",
}

PHOTOS = {
    "label": "Ảnh",
    "hint": "Tối đa {max} ảnh. Ảnh lớn được thu nhỏ trên máy trước khi gửi.",
    "choose": "Chụp hoặc chọn ảnh",
    "more": "Thêm ảnh",
    "remove": "Bỏ ảnh {n}",
    "photo": "Ảnh {n}: {name}",
    "too_many": "Chỉ gửi được tối đa {max} ảnh; những ảnh thừa đã được bỏ ra.",
    "too_large": "Ảnh “{name}” lớn hơn {size} MB nên chưa thêm được.",
    "not_photo": "“{name}” không phải ảnh (JPEG, PNG, WebP, HEIC).",
    "working": "Đang thu nhỏ ảnh…",
    "added": "Đã có {n} ảnh.",
}

SENT_ITEMS = {
    "empty": "Máy này chưa gửi phản ánh nào.",
    "open": "Theo dõi",
    "forget": "Xóa khỏi máy này",
    "forget_sure": "Xóa mã biên nhận khỏi máy này? Không có mã thì không bổ sung, đánh giá được nữa.",
    "keep": "Giữ lại",
    "sent_at": "gửi lúc {time}",
    "copy": OUTBOX["copy"],
    "copied": OUTBOX["copied"],
    "shared": "Dùng chung máy với người khác? Xin xóa sau khi đã chép mã.",
}

KEPT = {
    "saving": "Đang lưu nháp…",
    "saved": "Đã lưu nháp lúc {time}",
    "unsaved": "Chưa lưu được lên máy chủ. Nội dung giữ trên máy này và sẽ tự lưu lại.",
    "restored": "Đã lấy lại nội dung đang viết dở trên máy này.",
    "ended": "Phiên làm việc đã hết. Nội dung giữ trên máy này; đăng nhập lại là tiếp tục được.",
    "sign_in": "Đăng nhập lại",
    "nothing": "Chưa có nội dung.",
    "missing": OUTBOX["missing"],
}

ATTACH = {
    "choose": "Thêm tệp",
    "sending": "Đang tải lên tệp {n}/{all}…",
    "failed": "Tệp “{name}” chưa tải lên được vì mất kết nối. Hãy chọn lại tệp.",
}

VIEWER = {
    "title": "Ảnh",
    "photo": "Ảnh {n}/{all}",
    "close": CLOSE,
    "previous": "Ảnh trước",
    "next": "Ảnh sau",
}
