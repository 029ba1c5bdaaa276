"""Ceph's own S3 gateway, to compare with: one monitor, one OSD on a file beside our data, one radosgw, all on loopback.

Debian's packages; nothing of the machine's own Ceph, if it has one, is touched: every path and port is of this run.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.request
import uuid

from harness import ACCESS, SECRET, free_port

CONF = """[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{mon}/0
ms bind ipv4 = true
public addr = 127.0.0.1
cluster addr = 127.0.0.1
run dir = {dir}
log file = {dir}/$name.log
admin socket = {dir}/$name.asok
pid file = {dir}/$name.pid
keyring = {dir}/keyring
mon data = {dir}/mon
mgr data = {dir}/mgr
osd data = {dir}/osd
osd objectstore = bluestore
bluestore block size = 42949672960
bluestore block create = true
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
mon allow pool size one = true
mon warn on pool no redundancy = false
osd crush chooseleaf type = 0
osd memory target = 2147483648
rgw frontends = beast endpoint=127.0.0.1:{rgw}
rgw verify ssl = false
rgw dynamic resharding = false
"""


def available():
    return all(shutil.which(name) for name in ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "monmaptool", "ceph-authtool", "ceph"))


class Radosgw:
    def __init__(self, directory):
        self.dir = os.path.abspath(directory)
        os.makedirs(self.dir)
        for part in ("mon", "osd", "mgr"):
            os.makedirs(f"{self.dir}/{part}")
        self.port, mon = free_port(), free_port()
        self.fsid = str(uuid.uuid4())
        self.conf = f"{self.dir}/ceph.conf"
        with open(self.conf, "w", encoding="ascii") as file:
            file.write(CONF.format(fsid=self.fsid, dir=self.dir, mon=mon, rgw=self.port))
        self.mon = mon
        self.processes = []

    def run(self, *words, timeout=120):
        done = subprocess.run([words[0], "-c", self.conf, *words[1:]], capture_output=True, text=True, timeout=timeout)
        if done.returncode != 0:
            sys.exit(f"{' '.join(words)}: {done.stderr.strip()[-500:]}")
        return done.stdout

    def spawn(self, *words):
        self.processes.append(subprocess.Popen([words[0], "-f", "-c", self.conf, *words[1:]], stdout=subprocess.DEVNULL,
                                               stderr=subprocess.DEVNULL))

    def start(self):
        monmap = f"{self.dir}/monmap"
        self.run("monmaptool", "--create", "--fsid", self.fsid, "--addv", "a", f"[v2:127.0.0.1:{self.mon}]", monmap)
        for name in ("mon.", "client.admin", "osd.0", "mgr.x"):
            caps = [word for part in ("mon", "osd", "mgr") for word in ("--cap", part, "allow *")]
            self.run("ceph-authtool", f"{self.dir}/keyring", *([] if os.path.exists(f"{self.dir}/keyring") else
                                                              ["--create-keyring"]), "--gen-key", "-n", name, *caps)
        self.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", f"{self.dir}/keyring")
        self.spawn("ceph-mon", "-i", "a")
        osd = str(uuid.uuid4())
        self.run("ceph", "--connect-timeout", "60", "osd", "new", osd)
        self.spawn("ceph-mgr", "-i", "x")
        self.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self.spawn("ceph-osd", "-i", "0")
        self.spawn("radosgw", "-n", "client.admin")
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5).read()
                break
            time.sleep(0.5)
        else:
            sys.exit("radosgw did not answer within 180 s")
        self.run("radosgw-admin", "user", "create", "--uid", "bench", "--display-name", "bench", "--access-key", ACCESS,
                 "--secret-key", SECRET)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
