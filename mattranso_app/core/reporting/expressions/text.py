"""Vietnamese wording of expressions: the operators, what may be wrong with one, and where."""

from __future__ import annotations

SIGNS = {
    "+": "+", "-": "−", "*": "×", "/": "/", "=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥",
    "and": "và", "or": "hoặc", "not": "không phải", "filled": "đã điền", "if": "nếu … thì", "sum": "tổng", "min": "nhỏ nhất", "max": "lớn nhất",
    "mean": "trung bình", "percent": "tỷ lệ %", "share": "% của", "abs": "độ lớn", "round": "làm tròn",
}  # fmt: skip

LISTS = {"sum": "tổng của", "min": "số nhỏ nhất trong", "max": "số lớn nhất trong", "mean": "trung bình của"}
PERCENT = "tỷ lệ % của {part} trên {whole}"
SHARE = "{percent} % của {whole}"
ABS = "độ lớn của {number}"
DIFFERENCE = "chênh lệch giữa {first} và {second}"
ROUND = "{number} làm tròn đến {digits} chữ số thập phân"
ROUND_WHOLE = "{number} làm tròn đến số nguyên"
NOT = "không phải {truth}"
FILLED = "{cell} đã điền"
IF = "nếu {condition} thì {then}"
IF_ELSE = "nếu {condition} thì {then}, nếu không thì {otherwise}"
TRUE, FALSE = "đúng", "sai"

PREVIOUS = "kỳ trước"
PERIODS_AGO = "{back} kỳ trước"
LAST_YEAR = "cùng kỳ năm trước"

PLACE = "phần {number} của phép “{sign}”"

NOT_AN_EXPRESSION = "Công thức phải là số, đúng/sai, ô, số liệu đã biết hoặc một phép tính; mỗi phép tính có đúng một tên. Hãy chọn lại."
UNKNOWN_OPERATOR = "Không có phép tính “{name}”. Hãy chọn một trong các phép: {names}."
ARITY_EXACT = "Phép “{sign}” cần đúng {fewest} phần, đang có {found}. Hãy thêm hoặc bớt cho đủ."
ARITY_RANGE = "Phép “{sign}” cần từ {fewest} đến {most} phần, đang có {found}. Hãy thêm hoặc bớt cho đủ."
NEEDS_NUMBER = "Phép “{sign}” cần số ở chỗ này, không phải điều kiện đúng/sai. Hãy chọn ô, số hoặc phép tính ra số."
NEEDS_TRUTH = "Phép “{sign}” cần điều kiện đúng/sai ở chỗ này, không phải số. Hãy chọn phép so sánh hoặc điều kiện."
BRANCHES_DIFFER = "Hai vế của “nếu … thì … nếu không thì …” phải cùng là số hoặc cùng là điều kiện. Hãy sửa một vế."
FILLED_NEEDS_CELL = "Phép “đã điền” chỉ hỏi về một ô hoặc một số liệu đã biết. Hãy chọn ô."
ROUND_NEEDS_DIGITS = "Số chữ số thập phân để làm tròn phải là số nguyên từ 0 đến 4."
BAD_NUMBER = "Số này lớn quá hoặc có quá 4 chữ số thập phân. Hãy dùng số nhỏ hơn 100 tỷ, nhiều nhất 4 chữ số thập phân."
BAD_KEY = "Mã “{key}” chưa đúng: chỉ dùng chữ không dấu, chữ số và . _ : / -, nhiều nhất 120 ký tự."
BAD_PERIOD = "Kỳ phải là kỳ này, kỳ trước (lùi 1–24 kỳ) hoặc cùng kỳ năm trước. Hãy chọn lại."
UNKNOWN_MEMBER = "Ô không có thuộc tính “{name}”. Chỉ dùng: cell, form, period, back."
TOO_DEEP = "Công thức lồng quá {most} lớp. Hãy tách thành ô tính trung gian."
TOO_LONG = "Công thức quá dài (quá {most} thành phần). Hãy tách thành ô tính trung gian."
TOO_MANY_REFERENCES = "Công thức dùng quá {most} ô. Hãy tách thành ô tính trung gian."
UNKNOWN_CELL = "Không có ô “{key}” trong biểu mẫu này. Hãy chọn ô khác hoặc thêm ô đó vào biểu mẫu."
UNKNOWN_FORM_CELL = "Không có ô “{key}” trong biểu mẫu “{form}”. Hãy chọn ô khác hoặc biểu mẫu khác."
OWN_FORM_NAMED = "Ô của chính biểu mẫu này thì không ghi tên biểu mẫu “{form}”. Hãy bỏ tên biểu mẫu ở ô này."
UNKNOWN_FIGURE = "Không có số liệu đã biết tên “{name}”. Hãy chọn số liệu khác."
DIFFERENT_MEASURES = "Không cộng, trừ hay so sánh được “{first}” với “{second}”: khác đơn vị tính. Hãy chọn các ô cùng đơn vị tính."
PURE = "tỷ số"
PERCENT_NEEDED = "Phần trăm phải là số hoặc ô tính bằng “%”, không phải “{found}”."
CIRCLE = "Các ô tính theo nhau thành vòng: {names}. Hãy bỏ một bước trong vòng đó."


def place_words(place: str) -> str:
    """Return a JSON pointer (`/>=/1/+/0`) in words: "Phần 2 của phép “≥”, phần 1 của phép “+”"."""
    steps = place.split("/")[1:]
    names = [name.replace("~1", "/").replace("~0", "~") for name in steps]
    pairs = zip(names[::2], names[1::2], strict=False)
    words = ", ".join(PLACE.format(number=int(number) + 1, sign=SIGNS.get(name, name)) for name, number in pairs)
    return words[:1].upper() + words[1:]
