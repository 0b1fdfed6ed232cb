"""The Vietnamese wording of petitions, in one place."""

from __future__ import annotations

from mattranso_app.petitions.models import Kind, Outcome, Publication, State, Step

KINDS: dict[str, str] = {
    Kind.REPORT: "Phản ánh",
    Kind.PROPOSAL: "Kiến nghị",
    Kind.QUESTION: "Câu hỏi",
}
KIND_HINTS: dict[str, str] = {
    Kind.REPORT: "Việc đang xảy ra cần được biết và xử lý: đường hỏng, rác, nước, thái độ phục vụ…",
    Kind.PROPOSAL: "Điều bà con đề nghị làm, sửa đổi hoặc bổ sung.",
    Kind.QUESTION: "Điều bà con muốn được giải thích: chế độ, thủ tục, quy định.",
}

STATES: dict[str, str] = {
    State.RECEIVED: "Đã tiếp nhận",
    State.IN_PROGRESS: "Đang xử lý",
    State.AWAITING_APPROVAL: "Chờ duyệt trả lời",
    State.ANSWERED: "Đã trả lời",
}
PUBLIC_STATES: dict[str, str] = {**STATES, State.AWAITING_APPROVAL: "Đang xử lý"}
"""What citizens read: who approves whose draft is the office's own affair."""

OUTCOMES: dict[str, str] = {
    Outcome.SOLVED: "Đã giải quyết",
    Outcome.PARTLY: "Giải quyết một phần",
    Outcome.EXPLAINED: "Đã giải thích",
    Outcome.REFUSED: "Không giải quyết được",
}
OUTCOME_HINTS: dict[str, str] = {
    Outcome.SOLVED: "Việc đã làm xong, nên kèm ảnh hoặc văn bản làm minh chứng.",
    Outcome.PARTLY: "Đã làm được một phần; ghi rõ phần còn lại và thời hạn.",
    Outcome.EXPLAINED: "Đã trả lời câu hỏi hoặc giải thích quy định, kèm căn cứ.",
    Outcome.REFUSED: "Không giải quyết được; ghi rõ lý do và căn cứ.",
}

PUBLICATIONS: dict[str, str] = {
    Publication.PENDING: "Chưa quyết định công khai",
    Publication.PUBLISHED: "Đang công khai",
    Publication.WITHHELD: "Không công khai",
}

TIMELINE: dict[str, str] = {
    Step.SUBMIT: "Đã gửi",
    Step.TAKE_UP: "Tiếp nhận, bắt đầu xử lý",
    Step.PUBLISH_QUESTION: "Công khai nội dung",
    Step.WITHHOLD_QUESTION: "Không công khai nội dung",
    Step.SUBMIT_ANSWER: "Trình duyệt trả lời",
    Step.RETURN_ANSWER: "Trả lại để sửa",
    Step.APPROVE_ANSWER: "Trả lời",
}

TABS: dict[str, str] = {
    "moi": "Mới",
    "dang-xu-ly": "Đang xử lý",
    "cho-duyet": "Chờ duyệt",
    "qua-han": "Quá hạn",
    "da-tra-loi": "Đã trả lời",
}

SAMPLE = "Số liệu minh hoạ"
NOT_PUBLIC_YET = "Nội dung sẽ được công khai sau khi cán bộ che thông tin cá nhân."
WITHHELD = "Nội dung này không công khai. Lý do: {reason}"
ANSWER_TO_SENDER_ONLY = "Câu trả lời đã được gửi riêng cho người gửi."

# The right door for what is no petition (DOMAIN 2.1).
COMPLAINT_DOOR = (
    "Khiếu nại quyết định hoặc hành vi hành chính được giải quyết theo Luật Khiếu nại: bà con gửi đơn có chữ ký tới chính cơ quan "
    "đã ra quyết định, hoặc tới Ban Tiếp công dân. Nội dung trên trang này được công khai nên không nhận khiếu nại."
)
DENUNCIATION_DOOR = (
    "Tố cáo được giải quyết theo Luật Tố cáo và người tố cáo được giữ bí mật: bà con gửi đơn ghi rõ họ tên, địa chỉ tới cơ quan có "
    "thẩm quyền hoặc Ban Tiếp công dân. Đừng ghi nội dung tố cáo ở đây vì trang này công khai. Muốn báo việc mà không nêu người bị tố "
    "cáo, bà con chọn “Phản ánh”."
)
DOORS = {"khieu_nai": COMPLAINT_DOOR, "to_cao": DENUNCIATION_DOOR}

# Where it goes, and why.
REASON_COMMUNE = (
    "Gửi tới {body}, vì bà con chọn nơi xảy ra ở {unit}. Cấp xã tiếp nhận trước; việc không thuộc cấp xã sẽ được chuyển lên và bà "
    "con thấy rõ chuyển đi đâu."
)
REASON_PROVINCE = "Gửi tới {body}, vì bà con chọn gửi cấp tỉnh. Việc của riêng một xã, phường thì chọn xã, phường đó sẽ nhanh hơn."
REASON_CENTRAL = "Gửi tới {body}, vì bà con chọn gửi Trung ương. Việc của địa phương thì chọn xã, phường nơi xảy ra sẽ nhanh hơn."
REASON_QUESTION = " Câu hỏi về chế độ, thủ tục được trả lời kèm căn cứ."
BODY_CENTRAL = "Ủy ban Trung ương Mặt trận Tổ quốc Việt Nam"
BODY = "Ủy ban MTTQ Việt Nam {unit}"

# What can be wrong with what is sent.
KIND_UNKNOWN = "Bà con chọn: phản ánh, kiến nghị hoặc câu hỏi."
BODY_MISSING = "Bà con ghi nội dung muốn gửi."
BODY_SHORT = "Nội dung ngắn quá. Bà con ghi rõ thêm: việc gì, ở đâu, từ bao giờ."
UNIT_MISSING = "Bà con chọn nơi gửi tới."
UNIT_UNKNOWN = "Không có đơn vị này. Bà con chọn lại trong danh sách."
UNIT_ABOLISHED = "{unit} không còn từ {date}. Bà con chọn: {successors}."
UNIT_ABOLISHED_ALONE = "{unit} không còn từ {date}. Bà con chọn lại trong danh sách."
UNIT_IS_GROUP = "Thôn, tổ dân phố không tiếp nhận trực tiếp. Bà con chọn xã, phường và ghi tên thôn, tổ vào ô địa điểm."
PHONE_WRONG = "Số điện thoại chưa đúng. Ví dụ: 0912 345 678."
EMAIL_WRONG = "Địa chỉ thư điện tử chưa đúng. Ví dụ: ten@vidu.vn."
CONTACT_EMPTY = "Bà con ghi số điện thoại hoặc thư điện tử, hoặc chọn gửi không nêu tên."
CONSENT_MISSING = "Bà con đánh dấu đồng ý cho dùng thông tin liên hệ để báo kết quả, hoặc chọn gửi không nêu tên."
TOO_LONG = "Nội dung này dài quá, tối đa {limit} ký tự."
WRONG_VALUE = "Giá trị không hợp lệ."
SOMETHING_WRONG = "Chưa gửi được vì có chỗ chưa đúng. Bà con sửa các ô được đánh dấu rồi gửi lại; nội dung vẫn được giữ."
KEY_WRONG = "Thiếu mã chống gửi trùng. Bà con tải lại trang rồi gửi lại; nội dung vẫn được giữ."
KEY_REUSED = (
    "Lần gửi này đã được ghi nhận với nội dung khác, số {number}. Nếu đây là việc mới, bà con mở lại trang gửi phản ánh và gửi thành "
    "một việc riêng."
)
TOO_MANY_PHOTOS = "Mỗi lần gửi tối đa {limit} ảnh. Bà con bỏ bớt ảnh rồi gửi lại."
PHOTO_WRONG = "Ảnh thứ {place}: {reason}"
TOO_MANY_SENT = "Địa chỉ mạng này vừa gửi quá nhiều phản ánh. Bà con chờ ít phút rồi gửi lại; nội dung vẫn được giữ."
RECEIPT_UNKNOWN = "Không có phản ánh nào với mã biên nhận này. Bà con kiểm tra lại từng chữ, từng số."
RECEIPT_TOO_MANY = "Đã thử quá nhiều mã. Bà con chờ ít phút rồi thử lại."
NUMBER_UNKNOWN = "Không tìm thấy phản ánh này. Bà con kiểm tra lại số, ví dụ PA-7K2M-94."

# The desk.
MOVED_ON = "Phản ánh này vừa được người khác cập nhật. Phần anh chị đang soạn đã được lưu; xem thay đổi rồi làm tiếp."
STEP_IMPOSSIBLE = "Phản ánh đang ở bước “{state}” nên không làm được việc này. Tải lại để xem bước hiện tại."
FOUR_EYES = "Người soạn trả lời không được tự duyệt. Cần một cán bộ khác có quyền duyệt."
PUBLICATION_PENDING = "Hãy quyết định công khai hay không công khai nội dung của người dân trước khi trình trả lời."
ANSWER_MISSING = "Chưa có nội dung trả lời."
ANSWER_SHORT = "Câu trả lời ngắn quá. Bà con cần biết: đã làm gì, căn cứ nào, bao giờ xong."
OUTCOME_MISSING = "Chọn kết quả giải quyết."
REASON_MISSING = "Ghi rõ lý do."
PUBLIC_COPY_MISSING = "Bản công khai không được để trống."
FILE_NOT_YOURS = "Tệp đính kèm không hợp lệ hoặc không do anh chị tải lên. Hãy tải lên lại."
NOBODY_TO_REACH = "Người gửi không để lại thông tin liên hệ."
OFFICER_ONLY = "Việc này cần một cán bộ đăng nhập bằng tài khoản của mình."

# Letters.
ANSWERED_SUBJECT = "Phản ánh {number} đã có trả lời"
ANSWERED_BODY = (
    "Kính gửi bà con,\n\n{body} đã trả lời {kind} số {number}: {outcome}.\n\n"
    "Xem câu trả lời tại {address}\nhoặc mở trang Theo dõi và nhập mã biên nhận đã nhận khi gửi.\n\nTrân trọng."
)
