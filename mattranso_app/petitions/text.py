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
UNIT_IS_CHANGING = "Đơn vị nhận đang được sắp xếp lại. Nội dung vẫn được giữ, bà con gửi lại sau ít giây."
UNIT_IS_GROUP = "Thôn, tổ dân phố không tiếp nhận trực tiếp. Bà con chọn xã, phường và ghi tên thôn, tổ vào ô địa điểm."
PHONE_WRONG = "Số điện thoại chưa đúng. Bà con ghi số di động, ví dụ 0912 345 678."
EMAIL_WRONG = "Địa chỉ thư điện tử chưa đúng. Ví dụ: ten@vidu.vn."
CONSENT_MISSING = "Bà con đánh dấu đồng ý cho dùng thông tin liên hệ để báo kết quả, hoặc để trống ô liên hệ."
TOO_LONG = "Nội dung này dài quá, tối đa {limit} ký tự."
LOOKS_LIKE_A_PROGRAM = "Có ô ẩn đã bị điền. Bà con tải lại trang rồi gửi lại, đừng dùng chức năng tự điền."
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
NUMBER_UNKNOWN = "Không tìm thấy phản ánh này. Bà con kiểm tra lại số, ví dụ PA\N{NON-BREAKING HYPHEN}7K2M\N{NON-BREAKING HYPHEN}94."

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
TOO_MANY_ATTACHMENTS = "Mỗi phản ánh có tối đa {limit} tệp minh chứng. Hãy gộp các trang vào một tệp PDF."
FILE_NOT_YOURS = "Tệp đính kèm không hợp lệ hoặc không do anh chị tải lên. Hãy tải lên lại."
NOBODY_TO_REACH = "Người gửi không để lại thông tin liên hệ."
FILE_GONE = "Tệp này không còn. Hãy tải lại danh sách tệp."
FILE_MISSING = "Chưa chọn tệp nào."
FILE_HANDED_IN = "Tệp này thuộc bản trả lời đã trình nên được giữ trong lịch sử. Bỏ đánh dấu để không kèm vào bản mới."
UNIT_NOT_YOURS = "Đơn vị này ngoài phạm vi của anh chị. Hãy chọn đơn vị khác."
OFFICER_ONLY = "Việc này cần một cán bộ đăng nhập bằng tài khoản của mình."

# Letters.
ANSWERED_SUBJECT = "Phản ánh {number} đã có trả lời"
ANSWERED_BODY = (
    "Kính gửi bà con,\n\n{body} đã trả lời {kind} số {number}: {outcome}.\n\n"
    "Xem câu trả lời tại {address}\nhoặc mở trang Theo dõi và nhập mã biên nhận đã nhận khi gửi.\n\nTrân trọng."
)
ANSWERED_SMS = "Mat tran so: {kind} {number} da co tra loi. Xem tai trang Theo doi bang ma bien nhan."

# Screens for everyone.
HOME = "Trang chủ"
SEND_TITLE = "Gửi phản ánh, kiến nghị"
SEND_LEAD = "Không cần tài khoản. Điều bà con viết được giữ trên máy này cho tới khi gửi xong, kể cả khi mất mạng."
SEND_ACT = "Gửi"
SEND_PETITION = "Gửi phản ánh, kiến nghị"
OTHER_DOORS = "Khiếu nại hoặc tố cáo? Xem nơi gửi đúng"
ASK_KIND = "Bà con muốn gửi"
ASK_BODY = "Nội dung"
ASK_BODY_HINT = "Việc gì, ở đâu, từ bao giờ. Nội dung được công khai sau khi cán bộ che thông tin cá nhân."
ASK_PLACE = "Địa điểm"
ASK_PLACE_HINT = "Ví dụ: đầu ngõ 12, gần nhà văn hoá khu 3."
ASK_UNIT = "Gửi tới"
WHERE_IT_GOES = "Ý kiến tới Ủy ban Mặt trận nơi bà con chọn, vì cấp đó tiếp nhận trước; việc của nơi khác sẽ được chuyển và báo lại."
ASK_CONTACT = "Báo kết quả cho bà con (không bắt buộc)"
ASK_CONTACT_HINT = "Để trống nếu muốn gửi không nêu tên; vẫn theo dõi được bằng mã biên nhận."
ASK_PHONE = "Số điện thoại di động"
ASK_EMAIL = "Thư điện tử"
ASK_CONSENT = "Tôi đồng ý cho dùng thông tin liên hệ này để báo kết quả."
TRAP = "Bà con để trống ô này"

LIST_TITLE = "Phản ánh, kiến nghị đã công khai"
LIST_LEAD = "Câu hỏi, diễn biến và câu trả lời, mới nhất trước."
ALL_PETITIONS = "Tất cả phản ánh"
SEARCH = "Tìm theo nội dung hoặc số phản ánh"
SEARCH_ACT = "Tìm"
FILTERS = "Lọc theo loại, nơi tiếp nhận"
FILTER_ACT = "Lọc"
FILTERED_BY = "Đang lọc"
TAKE_AWAY = "Bỏ lọc: "
ANY_STATE = "Tất cả"
ANY_KIND = "Mọi loại"
SEE_ALL = "Xem tất cả"
MISSING_YOURS = "Việc của bà con chưa có ở đây?"
ASK_KIND_FILTER = "Loại"
ASK_STATE_FILTER = "Tình trạng"
ASK_UNIT_FILTER = "Nơi tiếp nhận"
PUBLIC_FILTER_STATES = {"dang-xu-ly": "Đang xử lý", "da-tra-loi": "Đã trả lời"}
NOTHING_FOUND = "Không có phản ánh nào như vậy"
NOTHING_FOUND_HINT = "Bà con thử viết ngắn hơn, bỏ bớt điều kiện lọc, hoặc gõ không dấu."
COUNT = "{count} phản ánh"
COUNT_CAPPED = "Hơn {count} phản ánh"
WITH_FILES = "kèm {count} tệp kết quả"

ITEM_HEADING = "Phản ánh"
CANNOT_LOAD = "Chưa tải được. Trang tự thử lại khi có mạng."
SENT_AT = "gửi"
DUE = "Hạn trả lời"
BASIS = "Căn cứ"
RULE = "Thời hạn {days} ngày làm việc kể từ khi tiếp nhận."
PLACE = "Địa điểm"
PHOTO = "Ảnh"
ANSWER = "Trả lời"
COURSE = "Diễn biến"
STEP_ANSWER = "Trả lời và công khai"
EXPECTED = "dự kiến trước {day}"
LIVE = "trực tiếp"
AS_OF = "số liệu lúc"
STALE = "mất kết nối, số liệu lúc"
DUE_TODAY = "hạn hôm nay"
DUE_IN = "còn {days} ngày làm việc"
OVERDUE = "đã quá hạn"
ANSWERED_IN_TIME = "đúng hạn"
ANSWERED_LATE = "trễ hạn"
NEW = "mới"

FOLLOW_TITLE = "Theo dõi bằng mã biên nhận"
FOLLOW_LEAD = "Mã biên nhận cho xem toàn bộ nội dung bà con đã gửi. Đừng đưa mã cho người khác."
ASK_RECEIPT = "Mã biên nhận"
ASK_RECEIPT_HINT = "Các nhóm chữ và số nhận được khi gửi. Chữ thường hay chữ hoa đều được."
FOLLOW_ACT = "Xem"
SENT_HERE = "Đã gửi từ máy này"
YOURS = "Phản ánh của bà con"

ACCOUNT = "Tài khoản"
MINE_TITLE = "Phản ánh của tôi"
MINE_LEAD = "Những điều bà con đã gửi khi đang đăng nhập hoặc đã nhận về bằng mã biên nhận, kể cả khi chưa công khai."
MINE_EMPTY = "Chưa có phản ánh nào gửi bằng tài khoản này"
MINE_EMPTY_HINT = "Đã gửi khi chưa đăng nhập? Bà con nhận về bằng số phản ánh và mã biên nhận, ngay bên dưới."
CLAIM_TITLE = "Nhận về phản ánh đã gửi khi chưa đăng nhập"
CLAIM_LEAD = (
    "Nhập số phản ánh và mã biên nhận để đưa phản ánh vào danh sách của mình. Cán bộ xử lý không biết việc này: "
    "phản ánh không ghi tên vẫn không ghi tên. Mỗi phản ánh chỉ nhận về một tài khoản, một lần."
)
ASK_NUMBER = "Số phản ánh"
ASK_NUMBER_HINT = "Ví dụ PA-7K2M-94."
CLAIM_ACT = "Nhận về"
CLAIM_HERE = "Đã gửi từ máy này, chưa có trong danh sách"
CLAIM_NONE_HERE = "Máy này không giữ mã biên nhận nào ngoài danh sách."
CLAIMED = "Đã nhận về phản ánh {number}."
CLAIM_UNKNOWN = "Số phản ánh hoặc mã biên nhận chưa đúng. Bà con kiểm tra lại từng chữ, từng số."
CLAIM_OWN = "Phản ánh này đã có trong danh sách của bà con."
CLAIM_TAKEN = "Phản ánh này đã được nhận về một tài khoản khác. Bà con vẫn theo dõi được bằng mã biên nhận."
CLAIM_CITIZENS_ONLY = "Tài khoản cán bộ không nhận phản ánh về. Bà con đăng nhập bằng số điện thoại hoặc thư điện tử của mình."
OPEN_PUBLIC = "Mở trang công khai"

# What is held of a person, for the page "my data" and the archive.
OWN_PETITIONS = "Phản ánh đã gửi"
OWN_PETITION_LABELS = {
    "number": "Số", "kind": "Loại", "title": "Tiêu đề", "body": "Nội dung", "place": "Địa điểm", "unit": "Nơi nhận", "sent_at": "Gửi lúc",
    "state": "Trạng thái", "contact": "Liên hệ để lại", "consented_at": "Đồng ý cho liên hệ lúc",
}
OWN_READS = "Ai đã xem liên hệ của mình"
OWN_READ_LABELS = {"number": "Phản ánh", "at": "Lúc", "unit": "Đơn vị", "reason": "Lý do"}
FORGOTTEN = "Nội dung đã xoá theo yêu cầu của người gửi."
NO_CONTACT_TO_WITHDRAW = "Phản ánh này không phải của bà con hoặc không còn liên hệ nào."

# The desk's screen.
DESK_TITLE = "Bàn làm việc"
ACCOUNT = "Tài khoản"
DESK_QUEUES = "Các hàng đợi"
PICK_ONE = "Chọn một phản ánh trong danh sách"
PICK_HINT = "Phím J và K đi lên, đi xuống; Enter mở; dấu ? xem mọi phím tắt."
MOVE_HINT = "lên xuống"
QUEUE_EMPTY: dict[str, tuple[str, str]] = {
    "moi": ("Không có phản ánh mới", "Phản ánh vừa gửi tới sẽ tự hiện ở đây."),
    "dang-xu-ly": ("Không có việc đang xử lý", "Tiếp nhận một phản ánh ở hàng “Mới” để bắt đầu."),
    "cho-duyet": ("Không có câu trả lời chờ duyệt", "Câu trả lời được trình lên sẽ tự hiện ở đây."),
    "qua-han": ("Không có việc quá hạn", "Việc sắp tới hạn đứng đầu hàng “Mới” và “Đang xử lý”."),
    "da-tra-loi": ("Chưa trả lời phản ánh nào", "Câu trả lời đã duyệt nằm ở đây, mới nhất trước."),
}
TO_FIRST_PAGE = "Về đầu danh sách"
OTHER_UNIT = "Xem đơn vị khác"
OTHER_UNIT_ACT = "Mở bàn làm việc"
OTHER_UNIT_MISSING = "Chọn một đơn vị trong danh sách hiện ra."
ASK_OTHER_UNIT = "Đơn vị"
OWN_UNIT = "Về đơn vị của tôi"
READ_ONLY = "Tài khoản của anh chị được xem, không được xử lý."
HAS_DRAFT = "có bản nháp"
SENDER = "Người gửi"
ANONYMOUS = "Người gửi không để lại liên hệ"
READ_CONTACT = "Hiện đầy đủ (ghi nhật ký)"
READ_CONTACT_LEAD = "Lý do được ghi vào nhật ký cùng tên anh chị và thời điểm xem."
READ_CONTACT_REASON = "Lý do xem"
READ_CONTACT_ACT = "Xem liên hệ"
CONTENT = "Nội dung"
WILL_BE_MASKED = "sẽ che"
MASKED_NOW = "đã che"
MASKED_KIND = "{count} {what} sẽ được che"
ORIGINAL_HINT = "Chỗ tô màu là thông tin cá nhân, được che trong bản công khai."
DEADLINE = "Thời hạn"
TAKE_UP = "Tiếp nhận"
TAKE_UP_HINT = "Tiếp nhận: bà con thấy đơn vị bắt đầu xử lý; bản công khai được chuẩn bị, chưa ai đọc được."
PUBLICATION = "Bản công khai"
PUBLICATION_HINT = "Thông tin cá nhân đã được che. Anh chị đọc lại, sửa nếu còn sót, rồi công khai."
PUBLIC_TITLE = "Tiêu đề công khai"
PUBLIC_BODY = "Nội dung công khai"
PUBLIC_PLACE = "Địa điểm công khai"
PUBLISH = "Công khai nội dung"
PUBLISHED = "Đang công khai"
PUBLISHED_OPEN = "Xem trang công khai"
ON_PUBLISHING = "Khi công khai"
WILL_BE_READ = "Mọi người đọc được bản trên tại trang phản ánh {number} và trong danh sách công khai."
WILL_SHOW_PHOTOS = "{count} ảnh bà con gửi cũng hiện ra. Hãy xem kỹ ảnh có lộ mặt người, biển số, giấy tờ hay không."
WILL_HIDE_SENDER = "Tên và liên hệ của người gửi không bao giờ hiện."
WITHHOLD = "Không công khai"
WITHDRAW = "Rút khỏi công khai"
WITHHOLD_REASON = "Lý do không công khai"
WITHHOLD_HINT = "Lý do này bà con đọc được. Thông tin cá nhân trong lý do được che."
WITHHOLD_ACT = "Ghi nhận không công khai"
DRAFT = "Dự thảo trả lời công khai"
RETURNED = "Lãnh đạo trả lại để sửa"
STALE_DRAFT = "Phản ánh đã thay đổi sau khi anh chị viết bản nháp này. Hãy đọc lại trước khi trình."
KEPT_DRAFT = "Bản anh chị đang soạn vẫn được giữ"
KEPT_DRAFT_HINT = "Phản ánh đã sang bước khác nên chưa trình được bản này. Nếu được trả lại để sửa, bản này hiện lại trong ô soạn."
ASK_OUTCOME = "Kết quả"
ASK_ANSWER = "Câu trả lời"
ASK_ANSWER_HINT = "Đã làm gì, căn cứ nào, bao giờ xong. Thông tin cá nhân được che trong bản công khai."
SUBMIT_ANSWER = "Trình lãnh đạo duyệt"
ON_SUBMITTING = "Trình duyệt: chưa ai đọc được. Một người khác duyệt thì mới công khai và báo người gửi."
PREVIEW = "Xem như người dân"
PREVIEW_TITLE = "Bà con sẽ đọc"
PREVIEW_NOTE = "Chỗ tô màu đã được che. Người gửi nhận nguyên văn câu trả lời."
SAVED = "Đã lưu nháp {time}"
EVIDENCE = "Minh chứng kèm theo"
NO_EVIDENCE = "Chưa có tệp. “Đã giải quyết” nên kèm ảnh hoặc văn bản."
EVIDENCE_HINT = "Ảnh JPEG, PNG, WebP hoặc PDF không có mã lệnh, tối đa {limit} MB mỗi tệp. Đánh dấu tệp nào thì kèm tệp đó."
ADD_FILE = "Thêm ảnh hoặc PDF"
REMOVE_FILE = "Xoá"
OPEN_FILE = "Mở"
APPROVAL = "Duyệt câu trả lời"
AUTHOR = "Người soạn"
ON_APPROVING = "Khi duyệt"
WILL_PUBLISH_ANSWER = "Câu trả lời trên hiện ngay ở trang phản ánh {number} và trang chủ."
WILL_PUBLISH_FILES = "{count} tệp kèm theo cũng công khai."
WILL_ANSWER_SENDER_ONLY = "Nội dung không công khai nên chỉ người gửi đọc được câu trả lời, bằng mã biên nhận."
WILL_TELL_SENDER = "Người gửi được báo qua liên hệ đã để lại."
WILL_TELL_NOBODY = "Người gửi không để lại liên hệ nên không có tin báo."
WILL_CLOSE = "Việc khép lại, không sửa được câu trả lời nữa."
APPROVE = "Duyệt và công khai"
APPROVE_PRIVATE = "Duyệt và trả lời người gửi"
RETURN = "Trả lại để sửa"
RETURN_REASON = "Cần sửa điều gì"
RETURN_HINT = "Người soạn đọc được; bà con không thấy."
RETURN_ACT = "Trả lại"
CHANGED = "Phản ánh này vừa được người khác cập nhật"
CHANGED_HINT = "Điều anh chị đang viết vẫn được giữ."
SHOW_CHANGED = "Xem bản mới"
DONE = {
    "take_up": "Đã tiếp nhận.",
    "publish": "Đã công khai nội dung.",
    "withhold": "Đã ghi nhận không công khai.",
    "submit": "Đã trình lãnh đạo duyệt.",
    "approve": "Đã duyệt câu trả lời.",
    "return": "Đã trả lại để sửa.",
    "detach": "Đã xoá tệp.",
}
