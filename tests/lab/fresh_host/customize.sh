#!/bin/sh
# Run by mmdebstrap with the new root as its argument: accounts, and the lab's two files.
set -eu
root=$1
here=$(dirname "$0")
install -D -m 755 "$here/init.sh" "$root/usr/local/lib/lab/init.sh"
install -D -m 644 "$here/forward.py" "$root/usr/local/lib/lab/forward.py"
install -D -m 644 "$here/lab-forward@.service" "$root/etc/systemd/system/lab-forward@.service"
chroot "$root" useradd --create-home --shell /bin/bash student
chroot "$root" useradd --create-home --shell /bin/bash nosudo
echo 'student ALL=(ALL) NOPASSWD: ALL' > "$root/etc/sudoers.d/student"
chmod 440 "$root/etc/sudoers.d/student"
# The engine writes these two itself when the container starts.
rm -f "$root/etc/hostname" "$root/etc/resolv.conf"
# The settings that were needed to build it: a running host gets the machine's current ones.
rm -f "$root/etc/apt/apt.conf.d/99mmdebstrap"
