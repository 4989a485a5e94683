#!/usr/bin/env python3
"""Start soju-actors: ``python3 run.py``; ``python3 run.py --help`` shows the rest.

What it needs is installed into ``.venv`` beside this file. Any Python 3 can read
this file, so that one that is too old is told so.
"""

import sys


def main() -> int:
    """Run the command line in an interpreter that has what it needs."""
    if sys.version_info < (3, 11):  # noqa: UP036 - see above
        sys.stderr.write("soju-actors needs Python 3.11 or newer; this is Python %d.%d.\n" % sys.version_info[:2])  # noqa: UP031
        return 2
    from soju_actors import bootstrap  # noqa: PLC0415 - an older Python cannot read it

    arguments = bootstrap.prepare(sys.argv[1:])
    if bootstrap.is_test(arguments):
        from tests import suite  # noqa: PLC0415 - needs what was just prepared

        return suite.main(arguments[1:])
    from soju_actors import cli  # noqa: PLC0415 - needs what was just prepared

    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
