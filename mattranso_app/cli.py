"""The commands of ./mattranso. Each says what it does, exits non-zero on failure and has --help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence


class CommandFailed(Exception):
    """A command could not do its work; the message is one clear sentence for the person at the terminal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the words after ./mattranso; the process's own when None.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="./mattranso", description="Mặt trận số – nền tảng số của Mặt trận Tổ quốc Việt Nam")
    commands = parser.add_subparsers(dest="command", required=True, metavar="LỆNH")

    run = commands.add_parser("run", help="chạy cả nền tảng trên một cổng")
    run.add_argument("--demo", action="store_true", help="chế độ trình diễn (mặc định khi chưa đặt MTS_ENV)")
    run.add_argument("--host", help="địa chỉ lắng nghe (mặc định 127.0.0.1)")
    run.add_argument("--port", type=int, help="cổng (mặc định 8000)")

    commands.add_parser("test", help="chạy mọi kiểm tra")
    commands.add_parser("bench", help="đo hiệu năng; không nêu tên thì liệt kê")

    commands.add_parser("build", help="dựng giao diện khi mã nguồn đã đổi (lệnh run tự làm; dùng khi đóng gói)")
    commands.add_parser("worker", help="chạy việc nền (thư, chỉ mục tìm kiếm)")
    migrate = commands.add_parser("migrate", help="đưa cơ sở dữ liệu lên phiên bản mới")
    migrate.add_argument("revision", nargs="?", default="head", help="phiên bản đích (mặc định: mới nhất)")
    migrate.add_argument("--down", action="store_true", help="cho phép lùi về phiên bản cũ: dữ liệu của phần mới hơn bị xoá")

    seed = commands.add_parser("seed", help="nạp đơn vị hành chính và số liệu trình diễn")
    seed.add_argument("--petitions", type=int, default=0, metavar="N", help="tạo thêm N phản ánh giả để đo tải")
    seed.add_argument("--registry", action="store_true", help="tạo thêm hai năm số liệu giả của mọi đơn vị (18 triệu số) để đo tải")

    user = commands.add_parser("user", help="tài khoản cán bộ")
    user_acts = user.add_subparsers(dest="act", required=True, metavar="VIỆC")
    add = user_acts.add_parser("add", help="tạo tài khoản quản trị đầu tiên hoặc thêm cán bộ")
    add.add_argument("user_name")
    add.add_argument("--name", required=True, help="họ và tên")
    add.add_argument("--unit", required=True, help="mã đơn vị (vn là Trung ương)")
    add.add_argument("--role", required=True, choices=["reader", "handler", "approver", "administrator"])
    disable = user_acts.add_parser("disable", help="khoá tài khoản")
    disable.add_argument("user_name")
    reset = user_acts.add_parser("reset-factors", help="gỡ xác minh hai bước của người mất điện thoại; mọi phiên kết thúc")
    reset.add_argument("user_name")

    units = commands.add_parser("import", help="nhập dữ liệu")
    unit_acts = units.add_subparsers(dest="act", required=True, metavar="VIỆC")
    imported = unit_acts.add_parser("units", help="nhập bản mới của danh mục đơn vị hành chính")
    imported.add_argument("file")
    imported.add_argument("--effective", required=True, metavar="NĂM-THÁNG-NGÀY", help="ngày có hiệu lực")
    imported.add_argument("--basis", required=True, help="căn cứ pháp lý")
    imported.add_argument("--apply", action="store_true", help="ghi thật; không có thì chỉ cho xem khác biệt")

    backup = commands.add_parser("backup", help="sao lưu cơ sở dữ liệu và tệp vào một tệp nén")
    backup.add_argument("file")
    restore = commands.add_parser("restore", help="khôi phục từ tệp sao lưu")
    restore.add_argument("file")
    restore.add_argument("--overwrite", action="store_true", help="cho phép ghi đè dữ liệu đang có")

    audit = commands.add_parser("audit", help="nhật ký")
    audit.add_subparsers(dest="act", required=True, metavar="VIỆC").add_parser("verify", help="kiểm tra nhật ký có bị sửa không")

    reindex = commands.add_parser("reindex", help="dựng lại chỉ mục tìm kiếm từ cơ sở dữ liệu")
    reindex.add_argument("source", nargs="?", default="")
    commands.add_parser("doctor", help="xem máy này có đủ những gì")

    words = list(sys.argv[1:] if arguments is None else arguments)
    takes_all = words[:1] in (["test"], ["bench"])  # their words are their own, those that begin with a dash too
    options = argparse.Namespace(command=words[0], rest=words[1:]) if takes_all else parser.parse_args(words)
    from mattranso_app import commands as acts

    try:
        return acts.dispatch(options)
    except CommandFailed as error:
        print(f"Không thực hiện được: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Đã dừng.", file=sys.stderr)
        return 130
    except Exception as error:
        reason = acts.plain_words(error)
        if reason is None:
            raise
        print(f"Không thực hiện được: {reason}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    # Under its own name: the class CommandFailed that commands raise is that module's, not this one's.
    from mattranso_app.cli import main as named_main

    sys.exit(named_main())
