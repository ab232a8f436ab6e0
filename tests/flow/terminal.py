# SPDX-License-Identifier: MIT
"""A terminal with somebody at it, who waits for each question and then types the answer."""

import os
import pty
import threading

READ_BYTES = 4096


def can_open():
    """Not where /dev/pts is not mounted, as in a bare chroot."""
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError:
        return False
    return True


class Terminal:
    """Give `far_end` to a program as its input and output, then watch(); text() is what was on the screen."""

    def __init__(self, answers):
        self._answers = [*answers]
        self._near_end, self.far_end = pty.openpty()
        self._shown = ""
        self._thread = threading.Thread(target=self._answer_all, daemon=True)

    def watch(self):
        os.close(self.far_end)  # the program has it; when all of those are closed, reading ends
        self._thread.start()

    def text(self):
        self._thread.join()
        os.close(self._near_end)
        return self._shown.replace("\r\n", "\n")

    def _answer_all(self):
        seen = 0
        while piece := self._read():
            self._shown += piece.decode(errors="backslashreplace")
            while self._answers and (at := self._shown.find(self._answers[0][0], seen)) >= 0:
                question, answer = self._answers.pop(0)
                seen = at + len(question)
                os.write(self._near_end, answer.encode() + b"\n")

    def _read(self):
        try:
            return os.read(self._near_end, READ_BYTES)
        except OSError:  # how Linux says that nobody has the other end any more
            return b""
