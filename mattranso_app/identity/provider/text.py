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

CONSENTS = "Ứng dụng đã đồng ý"
CONSENTS_LEAD = "Đây là các ứng dụng bà con đã cho phép biết thông tin của mình khi đăng nhập bằng tài khoản Mặt trận số."
NO_CONSENTS = "Bà con chưa đồng ý cho ứng dụng nào."
SEES = "Được biết:"
AGREED_ON = "đồng ý ngày {day}"
LAST_USED = "dùng lần cuối {moment}"
NEVER_USED = "chưa dùng lần nào"
WITHDRAW = "Rút lại"
WITHDRAW_NOTE = "Sau khi rút lại, ứng dụng không xem được gì thêm ngay từ lúc đó. Lần sau muốn dùng, ứng dụng phải hỏi lại."
WITHDRAWN = "Đã rút lại. Ứng dụng không còn xem được thông tin của bà con ở đây."
ALREADY_WITHDRAWN = "Sự đồng ý này đã được rút lại từ trước. Bà con không cần làm gì thêm."
FURTHER = "Xem tiếp"
BACK_TO_ACCOUNT = "Về trang Tài khoản"
