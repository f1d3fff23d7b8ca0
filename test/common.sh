# What the scripts in this folder share.  Sourced, in the root of the tree, by a
# script with "set -eu"; needs nothing but what a bare Debian has.
#
#   PG_MAJOR    major version of the server (default: see find_server)
#   PG_CONFIG   an installation to use instead of the distribution's
#   KEEP=1      leave the scratch folder

export LC_ALL=C.UTF-8 PGCLIENTENCODING=UTF8
scratch=

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "this needs root, or sudo: $*" >&2
		return 1
	fi
}

# The server refuses to run as root: who it runs as, and how to become that user
owner() {
	if [ "$(id -u)" != 0 ]; then
		id -un
	elif id postgres >/dev/null 2>&1; then
		echo postgres
	else
		echo nobody
	fi
}

as_owner() {
	if [ "$(id -u)" = 0 ]; then
		runuser -u "$(owner)" -- "$@"
	else
		"$@"
	fi
}

server_packages() {
	echo "postgresql-$1 postgresql-server-dev-$1 postgresql-$1-cron"
}

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]
}

all_installed() {
	for package; do
		installed "$package" || return 1
	done
}

all_offered() {
	for package; do
		apt-cache policy "$package" | grep -q 'Candidate: [0-9]' || return 1
	done
}

# Set $PG_MAJOR: the newest server that is complete on this machine, else the newest
# that its packages offer.
find_server() {
	for check in all_installed all_offered; do
		for PG_MAJOR in 18 17 16 15; do
			# shellcheck disable=SC2046 # a list
			"$check" $(server_packages "$PG_MAJOR") && return
		done
	done
	PG_MAJOR=
	return 1
}

# Install packages that are missing.  Never the distribution's own cluster.
install_packages() {
	all_installed "$@" && return
	conf=/etc/postgresql-common/createcluster.d/workflow-test.conf
	as_root mkdir -p "${conf%/*}"
	echo 'create_main_cluster = false' | as_root tee "$conf" >/dev/null
	log=$(mktemp)
	status=0
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq \
		install -y --no-install-recommends "$@" >"$log" 2>&1 </dev/null || status=$?
	[ $status = 0 ] || cat "$log" >&2
	rm -f "$log"
	as_root rm -f "$conf"
	return $status
}

# Have a compiler, the libraries and a server; set PG_CONFIG.  Arguments: more packages.
install_server() {
	packages="gcc make libc6-dev libcjson-dev libpcre2-dev zlib1g-dev libipc-run-perl $*"
	updated=
	if [ -z "${PG_CONFIG:-}" ]; then
		if [ -z "${PG_MAJOR:-}" ] && ! find_server; then
			as_root apt-get -qq update
			updated=1
			find_server || {
				echo "no PostgreSQL from 15 to 18, with pg_cron, among this machine's packages" >&2
				return 1
			}
		fi
		packages="$packages $(server_packages "$PG_MAJOR")"
		PG_CONFIG=/usr/lib/postgresql/$PG_MAJOR/bin/pg_config
	fi
	export PG_CONFIG
	# shellcheck disable=SC2086 # a list
	all_installed $packages && return
	[ -n "$updated" ] || as_root apt-get -qq update
	# shellcheck disable=SC2086
	install_packages $packages
}

# One test can use it and is skipped without.  Where its package starts a service, that
# is ended again.
install_pgbouncer() {
	installed pgbouncer && return
	all_offered pgbouncer || return 0
	if install_packages pgbouncer && [ -d /run/systemd/system ]; then
		as_root systemctl disable --now pgbouncer >/dev/null 2>&1 || true
	fi
}

# Set $scratch, a folder of the owner's which goes away with the script, and the servers in it
make_scratch() {
	scratch=$(mktemp -d /tmp/workflow-test.XXXXXX)
	trap remove_scratch EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	chown "$(owner)" "$scratch"
	export HOME="$scratch"
}

remove_scratch() {
	for pidfile in $(find "$scratch" -name postmaster.pid 2>/dev/null); do
		stop_server "$(head -n 1 "$pidfile")"
	done
	if [ -n "${KEEP:-}" ]; then
		echo "kept: $scratch" >&2
	else
		cd /
		rm -rf "$scratch"
	fi
}

# Stop a postmaster: fast, and at once if that takes too long
stop_server() {
	kill -INT "$1" 2>/dev/null || return 0
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.5
	done
	kill -QUIT "$1" 2>/dev/null || true
	sleep 1
}

# make, in the copy, with warnings as errors and without the JIT's bitcode
scratch_make() {
	make -s -C "$scratch/src" PG_CONFIG="$PG_CONFIG" with_llvm=no COPT=-Werror "$@"
}

# Build a copy of the tree in $scratch/src, as the owner, and install it
build_and_install() {
	mkdir "$scratch/src"
	tar -cf - --exclude=./.git --exclude='*.o' --exclude='*.bc' --exclude='*.so' \
		--exclude='./tmp_check*' . | tar -xf - -C "$scratch/src"
	chown -R "$(owner)" "$scratch/src"
	{
		as_owner make -s -C "$scratch/src" PG_CONFIG="$PG_CONFIG" with_llvm=no clean &&
			as_owner make -s -C "$scratch/src" PG_CONFIG="$PG_CONFIG" with_llvm=no \
				COPT=-Werror -j"$(nproc)"
	} </dev/null >"$scratch/build.log" 2>&1 || {
		cat "$scratch/build.log"
		return 1
	}
	if [ -w "$("$PG_CONFIG" --pkglibdir)" ]; then
		scratch_make install >/dev/null
	else
		as_root make -s -C "$scratch/src" PG_CONFIG="$PG_CONFIG" with_llvm=no COPT=-Werror \
			install >/dev/null
	fi
}

# The settings of test servers, without pg_cron where this installation lacks it
server_settings() {
	if [ -e "$("$PG_CONFIG" --pkglibdir)/pg_cron.so" ]; then
		cat test/postgresql.conf
	else
		sed '/^cron\./d; s/pg_cron,//' test/postgresql.conf
	fi
}

# For demo, bench and conformance: a server of their own with the tree as it stands, and
# the variables that lead libpq there.  With RUNNING_SERVER=1 they lead to another already.
# Arguments: more packages.
bring_up() {
	[ -z "${RUNNING_SERVER:-}" ] || return 0
	install_server "$@"
	make_scratch
	build_and_install
	test/cluster start "$scratch/server" >/dev/null
	PATH="$("$PG_CONFIG" --bindir):$PATH"
	export PATH PGHOST="$scratch/server" PGPORT=54329 PGUSER=postgres PGDATABASE=postgres
}
