"""Run all benchmarks, one after the other."""

from benchmarks import read_mail, receive

if __name__ == "__main__":
    receive.main()
    read_mail.main()
