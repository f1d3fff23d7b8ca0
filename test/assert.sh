# A server that checks memory: with assertions, and with requests that tell Valgrind and
# AddressSanitizer of each palloc chunk.  The distribution's knows neither, and hangs at
# its start under libasan (in bindtextdomain).  So one is built from the distribution's
# source package, once, into $SERVER.  Sourced after common.sh, in the root of the tree.

# Unpack the source package in the current folder
download_source() { # MAJOR
	mkdir -p lists/partial parts
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
		case $file in
		*.sources) sed 's/^Types:.*/Types: deb-src/' "$file" >"parts/${file##*/}" ;;
		*.list) sed -n 's/^deb /deb-src /p' "$file" >"parts/${file##*/}" ;;
		esac
	done
	options="-qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$PWD/parts
		-o Dir::State::lists=$PWD/lists -o APT::Sandbox::User=root"
	# shellcheck disable=SC2086 # a list
	apt-get $options update
	# shellcheck disable=SC2086
	apt-get $options source --download-only "postgresql-$1" ||
		# the newest one may have no source beside it
		apt-get $options source --download-only "postgresql-$1/$(. /etc/os-release && echo "$VERSION_CODENAME")"
	tar -xf "postgresql-$1"_*.orig.tar.* --strip-components=1 --one-top-level=source
}

build_assert_server() { # MAJOR ROOT-OF-THE-TREE
	mkdir "$scratch/server-build"
	cd "$scratch/server-build"
	download_source "$1"
	cd source
	./configure -q --prefix="$SERVER" --enable-cassert --enable-debug --enable-tap-tests \
		--without-readline --without-zlib --without-icu \
		CFLAGS='-Og -g3 -fno-omit-frame-pointer' CPPFLAGS='-DUSE_VALGRIND'
	make -s -j"$(nproc)" COPT="-I$2/test/asan" world-bin
	as_root make -s COPT="-I$2/test/asan" install-world-bin
	as_root cp src/tools/valgrind.supp "$SERVER/"
}

# Set $SERVER, $PG_CONFIG and $scratch.  Arguments: more packages.
bring_assert_server() {
	if [ -z "${PG_MAJOR:-}" ] && ! find_server; then
		as_root apt-get -qq update
		find_server
	fi
	SERVER=${SERVER:-/usr/local/lib/postgresql-$PG_MAJOR-assert}
	export PG_CONFIG=$SERVER/bin/pg_config
	install_server perl valgrind bzip2 bison flex "$@"
	make_scratch
	[ ! -x "$SERVER/bin/postgres" ] || return 0
	echo "== building a server in $SERVER"
	# in the background, since "set -e" does not hold to the left of "||"
	build_assert_server "$PG_MAJOR" "$PWD" >"$scratch/server.log" 2>&1 </dev/null &
	wait $! || {
		tail -n 20 "$scratch/server.log"
		exit 1
	}
}
