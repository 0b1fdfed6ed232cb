"""What a caretaker reads about notices."""

NO_MAIL = "Chưa cấu hình gửi thư (MTS_SMTP_URL): {count} thư đang chờ trong hàng đợi."
NO_SMS = "Chưa có cổng tin nhắn: {count} tin nhắn đang chờ trong hàng đợi."
LATE = "{count} thông báo chờ gửi đã quá 30 phút; kiểm tra máy chủ thư, cổng tin nhắn và tiến trình việc nền."
FAILED = "{count} thông báo không gửi được trong 30 ngày qua (bảng notice, trạng thái failed)."
