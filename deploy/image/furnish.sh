#!/bin/sh
# What is done inside a bare Debian 12 to make it the image: furnish.sh PACKAGES. The Containerfile's last stage runs it,
# and rootfs.sh runs it in a folder.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
sed 's/#.*//' "$1" | xargs apt-get -q install -y --no-install-recommends
apt-get -q clean
rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log /var/log/alternatives.log
# The number is what Kubernetes can hold against runAsNonRoot. Nothing but the state can be written to.
groupadd --gid 10001 chalkstream
useradd --uid 10001 --gid 10001 --no-log-init --home-dir /var/lib/chalkstream --shell /usr/sbin/nologin chalkstream
install -d -m 700 -o 10001 -g 10001 /var/lib/chalkstream
install -d -m 755 /etc/chalkstream /models
ln -s /opt/chalkstream/bin/chalkstream /opt/chalkstream/bin/chalkstream-fill /usr/local/bin/
# su, mount and the like: nobody changes users here.
find / -xdev -type f -perm /6000 -exec chmod a-s {} +
