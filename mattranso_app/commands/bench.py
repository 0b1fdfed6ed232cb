"""`./mattranso bench NAME`: measure one thing, print a table, write JSON under bench/results/."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

BENCHES = {
    "live": "tin trực tiếp tới 1.000 người xem (SSE)",
    "submit": "gửi phản ánh và việc của cán bộ, 50 người cùng lúc; --kill giết tiến trình giữa chừng",
    "lists": "bàn làm việc, danh sách, tìm kiếm và trang chủ với một triệu phản ánh",
    "units": "tra tên đơn vị như bà con gõ",
    "pages": "lần mở đầu của từng trang trên mạng 4G chậm",
    "start": "khởi động lần hai",
    "signin": "đăng nhập 5 lần mỗi giây; 10.000 lần đoán một mật khẩu",
    "sheets": "nhập số liệu bằng Excel: 3.321 mẫu đã điền; làm mẫu của cả tỉnh",
    "totals": "tổng ở mọi cấp, bảng tỉnh × ô × kỳ, lưu xong bao lâu thì tổng đúng, trên 18 triệu số",
    "deadline": "3.321 đơn vị cùng lưu và gửi trước giờ hạn",
    "merge": "sáp nhập hai xã có hai năm số liệu",
    "guard": "tra phiên trước mỗi sự kiện với 100.000 phiên",
}


def bench(options: argparse.Namespace) -> int:
    """Run the bench that is named first; the rest of the words are its own."""
    words = list(options.rest)
    if not words or words[0] in ("-h", "--help") or words[0] not in BENCHES:
        print("./mattranso bench TÊN\n")
        for name, meaning in BENCHES.items():
            print(f"  {name:8} {meaning}")
        return 0 if words[:1] in ([], ["-h"], ["--help"]) else 2
    module = import_module(f"mattranso_app.bench.{words[0]}")
    return int(module.main(words[1:]) or 0)


if __name__ == "__main__":
    sys.exit(bench(argparse.Namespace(rest=sys.argv[1:])))
