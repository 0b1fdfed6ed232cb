"""The Vietnamese wording of the portal."""

from __future__ import annotations

TITLE = "Bà con cần phản ánh, kiến nghị điều gì? · Mặt trận số"
DESCRIPTION = (
    "Gửi phản ánh, kiến nghị tới Mặt trận Tổ quốc nơi bà con ở; theo dõi và xem câu trả lời công khai. Không cần tài khoản."
)
QUESTION = "Bà con cần phản ánh, kiến nghị điều gì?"
SEND = "Gửi phản ánh, kiến nghị"
FOLLOW = "Theo dõi bằng mã biên nhận"
PROMISE = "Không cần tài khoản. Ý kiến gửi tới Mặt trận nơi bà con chọn; câu trả lời được công khai tại đây."

TODAY = "Hôm nay"
RECEIVED = "đã tiếp nhận"
OPEN = "đang xử lý"
ON_TIME = "đúng hạn"
ON_TIME_RULE = "Đúng hạn: tính trên các câu trả lời trong 30 ngày qua."
NO_FIGURE = "–"
LIVE = "trực tiếp"
POLLING = "số liệu lúc"
STALE = "mất kết nối, số liệu lúc"
SAMPLE = "Số liệu minh hoạ."

TOOLS = "Năm công cụ"
NOT_OPEN = "chưa\u00a0mở"
TOOL_PETITIONS = ("Phản ánh, kiến nghị", "Gửi, theo dõi, xem trả lời")
TOOL_CONGRESS = ("Đại hội Mặt trận các cấp", "Tiến độ, kết quả trực tiếp")
TOOL_LIBRARY = ("Thư viện số cộng đồng", "Đọc ngay trên điện thoại")
TOOL_ASSISTANT = ("Trợ lý ảo", "Dành cho cán bộ Mặt trận")
TOOL_REGISTRY = ("Cơ sở dữ liệu", "Dành cho cán bộ các cấp")
YOUR_DESK = "Việc của đơn vị"
DESK = ("Bàn làm việc", "Phản ánh của đơn vị anh chị")

MISSING = "Không có trang này"
MISSING_WHY = "Địa chỉ có thể gõ nhầm, hoặc trang đã được chuyển đi. Điều bà con đã viết vẫn được giữ trên máy này."
GO_HOME = "Về trang chủ"

LATEST = "Mới được trả lời"
ALL = "Xem tất cả"
NOTHING_YET = "Chưa có câu trả lời nào được công khai."
SEARCH = "Tìm trong phản ánh đã công khai"
SEARCH_ACT = "Tìm"
