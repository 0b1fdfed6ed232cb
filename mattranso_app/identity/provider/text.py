"""Wording of the pages between an application and the person who signs in to it."""

BAD_APPLICATION = "Ứng dụng vừa gọi tới đây chưa được đăng ký đúng. Bà con hãy quay lại ứng dụng đó và báo cho nơi quản lý ứng dụng."
REQUEST_GONE = "Yêu cầu đăng nhập đã quá lâu hoặc đã dùng rồi. Bà con hãy quay lại ứng dụng và bấm đăng nhập lần nữa."
PROBLEM_TITLE = "Chưa đăng nhập được vào ứng dụng"
CONSENT_TITLE = "Cho phép {name}?"
CONSENT_LEAD = "{name} không phải phần mềm của Mặt trận trung ương. Nếu đồng ý, ứng dụng này được biết:"
CONSENT_ACCOUNT = "Đang đăng nhập bằng tài khoản {account}."
CONSENT_AFTER = "Có thể rút lại sự đồng ý bất cứ lúc nào ở trang Tài khoản."
AGREE = "Đồng ý"
REFUSE = "Không đồng ý"
SCOPES = {
    "openid": "Mã tài khoản, để nhận ra lần sau",
    "profile": "Họ và tên",
    "unit": "Đơn vị công tác",
    "roles": "Vai trò trong hệ thống Mặt trận",
    "email": "Địa chỉ thư điện tử",
    "phone": "Số điện thoại",
}
GOING_TITLE = "Đang chuyển sang {name}"
GOING = "Nếu không tự chuyển, hãy bấm vào đây"
LOGOUT_TITLE = "Đăng xuất khỏi Mặt trận số?"
LOGOUT_LEAD = "Một ứng dụng muốn kết thúc phiên đăng nhập. Mọi công cụ đang mở bằng phiên này sẽ được đăng xuất."
LOGOUT_ACT = "Đăng xuất"
STAY = "Ở lại"
HOME = "Về trang chủ"
THE_APPLICATION = "ứng dụng"
IDENTIFIER_RULE = "Mã ứng dụng gồm 3–60 chữ thường, chữ số và dấu gạch ngang, ví dụ: hue-mot-cua."
IDENTIFIER_TAKEN = "Mã ứng dụng này đã có. Hãy chọn mã khác."
NAME_RULE = "Tên ứng dụng dài từ 2 đến 100 ký tự."
REDIRECT_MISSING = "Cần ít nhất một địa chỉ nhận kết quả đăng nhập."
ADDRESS_RULE = "Địa chỉ “{address}” chưa dùng được: cần bắt đầu bằng https://, đủ tên máy chủ, không có dấu # và *; mỗi mục nhiều nhất 10 địa chỉ."
UNKNOWN_APPLICATION = "Không có ứng dụng này."
