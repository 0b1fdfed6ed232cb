"""Vietnamese wording of the units."""

from __future__ import annotations

from mattranso_app.units.kinds import FormerLevel, Kind, Level

LEVEL_LABELS = {
    Level.CENTRAL: "Trung ương",
    Level.PROVINCE: "Tỉnh, thành phố",
    Level.COMMUNE: "Xã, phường, đặc khu",
    Level.GROUP: "Thôn, bản, tổ dân phố",
}

CENTRAL_NAME = "Trung ương"

UNIT_UNKNOWN = "Không có đơn vị mang mã “{code}”. Bà con kiểm tra lại mã hoặc tìm theo tên."
UNIT_NOT_ON_DAY = "Đơn vị mang mã “{code}” không tồn tại vào ngày {day}."
UNIT_CLOSED = "{name} không còn từ ngày {day}. Nay là: {successors}."
UNIT_CLOSED_ALONE = "{name} không còn từ ngày {day}."
CURSOR_BAD = "Giá trị của tham số “cursor” không hợp lệ. Hãy xem lại từ trang đầu."
PARENT_UNKNOWN = "Tham số “parent” không phải mã hay đường dẫn của một đơn vị."

NOT_A_COMMUNE = "Thôn, bản, tổ dân phố phải thuộc một xã, phường hoặc đặc khu đang hoạt động."
GROUP_NAME_EMPTY = "Chưa có tên thôn, bản, tổ dân phố."
GROUP_NAME_LONG = "Tên dài quá 100 ký tự."
GROUP_NAME_TAKEN = "“{name}” đã có trong {commune}."
GROUP_UNKNOWN = "Không tìm thấy thôn, bản, tổ dân phố này."
GROUP_CLOSED = "“{name}” đã thôi hoạt động từ ngày {day}."
GROUP_KIND_BAD = "Loại phải là một trong: Thôn, Bản, Tổ dân phố."
TOO_MANY_GROUPS = "Mỗi xã, phường, đặc khu có tối đa {limit} thôn, bản, tổ dân phố."

GROUP_KINDS = {Kind.THON: "Thôn", Kind.BAN: "Bản", Kind.TO_DAN_PHO: "Tổ dân phố"}

SHEET_TITLE = "Thôn, tổ dân phố"
SHEET_HELP_TITLE = "Hướng dẫn"
SHEET_HEADERS = ("Loại", "Tên")
SHEET_HELP = (
    "Mỗi dòng một thôn, bản hoặc tổ dân phố. Cột “Loại” chọn Thôn, Bản hoặc Tổ dân phố; để trống cũng được nếu tên đã nói rõ "
    "(ví dụ “Ấp 3”, “Khu phố 5”). Không sửa dòng tiêu đề."
)
SHEET_NO_HEADER = "Dòng đầu phải có cột “Tên” (và “Loại” nếu cần). Hãy dùng mẫu tải về."
SHEET_EMPTY = "Bảng chưa có dòng nào."
SHEET_HAS_FAULTS = "Còn {count} dòng chưa đúng. Hãy sửa rồi nhập lại; chưa có gì được ghi."
ROW_TWICE = "Trùng tên với dòng {row} của bảng."
ROW_EXISTS = "Đã có trong danh sách, sẽ bỏ qua."
ROW_FORMULA = "Ô này là công thức; hãy ghi chữ thường."

RELEASE_UNREADABLE = "Tệp danh mục không đọc được: cần tệp CSV mã hóa UTF-8 với các cột code, kind, name, parent."
RELEASE_ROW = "Dòng {row}: {fault}"
RELEASE_CODE_BAD = "mã “{code}” không đúng dạng (tỉnh hai chữ số, xã năm chữ số)."
RELEASE_CODE_TWICE = "mã “{code}” bị lặp lại."
RELEASE_KIND_BAD = "loại “{kind}” không dùng cho cấp này."
RELEASE_NAME_BAD = "tên trống hoặc quá dài."
RELEASE_PARENT_BAD = "không có tỉnh, thành phố mang mã “{parent}”."
RELEASE_NAME_TWICE = "“{name}” đã có trong cùng tỉnh, thành phố."
RELEASE_FORMER_BAD = "cột former có mã “{code}” không có trong danh mục hiện tại."
RELEASE_SHARE_BAD = "tỷ lệ “{share}” phải lớn hơn 0 và không quá 1."
RELEASE_TOO_SMALL = "Danh mục mới chỉ có {count} đơn vị, ít hơn nhiều so với {before} đơn vị hiện có. Hãy kiểm tra lại tệp."

PLAN_HEAD = "So với danh mục hiện tại: {count} thay đổi."
PLAN_SAME = "Danh mục không thay đổi."
PLAN_COUNTS = "Sau thay đổi: {provinces} tỉnh, thành phố ({cities} thành phố); {communes} xã, phường, đặc khu ({wards} phường)."
PLAN_BLOCKED = "Chưa thể ghi: {count} đơn vị thôi hoạt động mà chưa nêu đơn vị kế thừa (thêm cột former)."
PLAN_STALE = "Danh mục vừa thay đổi sau khi xem trước. Hãy xem lại sự khác nhau rồi nhập lần nữa."
PLAN_IN_FUTURE = "Ngày hiệu lực {day} chưa tới. Hãy nhập vào đúng ngày đó; bản xem trước vẫn dùng được."
PLAN_TOO_EARLY = "{name} đã có thay đổi từ ngày {day}, sau ngày hiệu lực muốn nhập."
PLAN_NO_BASIS = "Chưa nêu căn cứ (số nghị quyết, quyết định)."

CHANGE_TITLES = {
    "added": "Thành lập mới",
    "reclassified": "Đổi loại",
    "renamed": "Đổi tên",
    "recoded": "Đổi mã",
    "moved": "Chuyển sang tỉnh, thành phố khác",
    "merged": "Nhập vào đơn vị khác",
    "split": "Chia tách",
    "abolished": "Thôi hoạt động, chưa rõ đơn vị kế thừa",
}

GROUP_RENAMED_ON_MERGE = "{name} ({commune} cũ)"
GROUPS_BASIS = "{commune} cập nhật"

_FORMER_WHERE = {
    FormerLevel.COMMUNE: ("trước là {name}", "một phần trước thuộc {name}"),
    FormerLevel.DISTRICT: ("trước thuộc {name}", "trước thuộc {name}"),
    FormerLevel.PROVINCE: ("gồm {name} trước đây", "gồm một phần {name} trước đây"),
}


def former_note(level: FormerLevel, name: str, is_whole: bool) -> str:
    """Return why a unit answers to the former name `name` (with what it lay in)."""
    whole, part = _FORMER_WHERE[level]
    return (whole if is_whole else part).format(name=name)


def earlier_note(name: str) -> str:
    """Return the note of a unit found by its own earlier name."""
    return f"trước là {name}"


# The screen of residential groups.
GROUPS_TITLE = "Thôn, bản, tổ dân phố"
GROUPS_LEAD = "Cấp dưới xã, phường, đặc khu do đơn vị tự quản. Điều đã ghi theo tên cũ vẫn giữ tên cũ."
GROUPS_OF = "Thuộc"
ACCOUNT = "Tài khoản"
OTHER_COMMUNE = "Chọn xã, phường, đặc khu"
OTHER_COMMUNE_ACT = "Mở"
ADD_GROUP = "Thêm"
ADD_GROUP_TITLE = "Thêm thôn, bản, tổ dân phố"
GROUP_KIND = "Loại"
GROUP_NAME = "Tên"
GROUP_NAME_HINT = "Ví dụ: Đông, Khu phố 5, Tổ 12."
RENAME_GROUP = "Đổi tên"
NEW_NAME = "Tên mới"
END_GROUP = "Thôi hoạt động"
NO_GROUPS = "Chưa có thôn, bản, tổ dân phố nào"
NO_GROUPS_HINT = "Thêm từng đơn vị, hoặc tải mẫu Excel về điền rồi nhập một lần."
GROUP_ADDED = "Đã thêm {name}."
GROUP_RENAMED = "Đã đổi tên thành {name}."
GROUP_ENDED = "{name} thôi hoạt động từ hôm nay."
BY_EXCEL = "Nhập bằng Excel"
BY_EXCEL_LEAD = "Tải mẫu có sẵn danh sách hiện tại, thêm dòng mới, rồi chọn tệp. Hệ thống kiểm tra từng dòng trước, chưa ghi gì."
TEMPLATE = "Tải mẫu Excel"
GROUP_COUNT = "{count} đơn vị"
FILE_MISSING = "Chưa chọn tệp nào."
IMPORT_WORDS = {
    "choose": "Chọn tệp Excel (.xlsx)",
    "checking": "Đang kiểm tra…",
    "failed": "Chưa gửi được tệp vì mất kết nối. Hãy thử lại.",
    "row": "Dòng",
    "kind": "Loại",
    "name": "Tên",
    "result": "Kết quả",
    "caption": "Kết quả kiểm tra, chưa ghi gì",
    "fine": "sẽ thêm",
    "known": "đã có, bỏ qua",
    "faults": "Còn {n} dòng chưa đúng. Sửa trong tệp rồi chọn lại; chưa có gì được ghi.",
    "ready": "Mọi dòng đều đúng: {n} dòng mới.",
    "nothing": "Không có dòng nào mới để thêm.",
    "apply": "Ghi {n} dòng mới",
    "done": "Đã ghi {n} dòng mới.",
}
