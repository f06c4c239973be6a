#!/bin/sh
# PID 1 of the container: makes it look like a machine, then becomes the program it was given,
# which is systemd, or a bare process on a machine without it.
set -eu
# A private engine mounts these read-only; systemd and a nested engine make cgroups of their own.
mount -o remount,bind,rw /sys
for controller in /sys/fs/cgroup /sys/fs/cgroup/*; do
    if mountpoint -q "$controller"; then
        mount -o remount,bind,rw "$controller"
    fi
done
# As on any machine under systemd: mounts are seen by services with a mount namespace of their own.
mount --make-rshared /
exec "$@"
