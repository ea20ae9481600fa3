# Compline: the few verbs that people type.
#
#   make nightly   install what is missing, build, make a fresh demo site, lay down the synthetic night and close it;
#                  exits 0 when the night ended 3 with exactly the breaks that the demo plants
#   make nightly-sftp  the demo night over SFTP: an OpenSSH server of make's own holds the drops, takes the delivery and gives the receipt
#   make test      install what the tests need, build, run them all; then show that a deliberate leak fails one of them
#   make bench     measure the goals of speed and memory as ratios against anchors timed in the same run; ONLY=P3,P4 runs some,
#                  MESSAGES=100000 is the size of a night where a store is needed (default 20,000)
#   make exam      hold the decoders, built for release, to their promises: the real files cut and damaged, hostile inputs
#   make reading   a night over the real files, each stored value held against what a plain reading says that a message stated
#   make docs      print docs/formats/dictionary.md from the newest data dictionary in Mappings/canonical
#   make fuzz      run each fuzz target for MINUTES (default 30) and write its log to docs/fuzz; TARGET=NAME for one of them
#   make fuzz-plant  take a bounds check out and show that a fuzz target finds the hole within a minute
#   make faults    each state-changing call of a small night killed, failed or cut short, on both stores; connections cut, servers crashed, disks full, power lost;
#                  a run that was ended goes on where it was, as long as the jobs are the same
#   make exchange-faults  pulls of 500 files and deliveries over a real SSH server with 200 cuts each, the other side at work; two network namespaces
#   make permutations  a night in 1,000 orders, splits and batches of its messages ends in one digest, on both stores
#   make stores    the demo night, the real files and 100 generated nights have one digest on both stores; three are derived anew from the drops alone
#   make planted   500 identifiers planted in four formats are looked for, in every disguise, in all that a site and its server leave without the keys
#   make hostile   the large hostile inputs: a segment of 10 GB, five million segments
#   make clean     remove the build and everything that the demo wrote
#
# NIGHT=YYYY-MM-DD  the business date of the demo          SITE=DIR    where the demo site lies
# STORE=postgresql  the demo night on a PostgreSQL of its own, started and ended by make; its site lies in .build/demo
# BENCH=DIR         generators of the benchmark's inputs and the C program with the physical limits
# CORPUS=DIR        real files that the decoders are compared with; without the folder those tests say that they skip

NIGHT  ?= 2026-03-01
SITE   ?= Sites/demo
CORPUS ?= ../shared/corpus
BENCH  ?= ../shared/bench
ONLY   ?=
STORE  ?= sqlite
PAIRS  ?= 5
MESSAGES ?= 20000
BIN    := .build/release

NIGHTLY_PACKAGES := libpq-dev libxml2-dev libssl-dev libsqlite3-dev zlib1g-dev pkg-config tzdata openssh-client
BENCH_PACKAGES   := $(NIGHTLY_PACKAGES) gcc libxml2-utils python3 util-linux openssl postgresql sqlite3 openssh-server openssh-sftp-server
TEST_PACKAGES    := $(NIGHTLY_PACKAGES) gcc strace python3 python3-lxml openssl postgresql openssh-server openssh-sftp-server iproute2 python3-venv
ASYNCSSH         := 2.24.1

# A crash report of the runtime would print memory, and memory holds patients.
export SWIFT_BACKTRACE := enable=no
ifneq ($(wildcard $(CORPUS)/truth),)
export CORPUS := $(abspath $(CORPUS))
else
unexport CORPUS
endif

.PHONY: nightly nightly-sftp sshd-packages build test leak bench reading docs clean packages test-packages postgres-packages bench-packages exam hostile faults faults-slice exchange-faults exchange-faults-slice permutations stores planted nights-slice fuzz fuzz-build fuzz-slice fuzz-plant

# What the demo wrote in its own site, whatever SITE says: these paths are ignored by git.
DEMO_FILES := $(addprefix Sites/demo/,var drops delivery profiles people.yaml truth.json) Sites/demo.keys

# The demo's truth is that of a first night, so its site begins anew each time; a SITE of your own is left as it is.
ifeq ($(STORE),postgresql)
nightly: packages postgres-packages build
	@rm -rf .build/demo .build/demo.keys && mkdir -p .build/demo
	@cp -r Sites/demo/feeds Sites/demo/consumers Sites/demo/agreements .build/demo/
	@server=$$(mktemp -u /tmp/compline-demo-XXXXXX) && Tests/postgres start $$server $$$$ && \
	{ grep -v '^store:\|^keys:\|^mappings:' Sites/demo/site.yaml; echo 'store: postgresql'; echo "mappings: $(CURDIR)/Mappings"; \
	  echo "postgresql: {host: $$server, database: compline, role: postgres}"; } > .build/demo/site.yaml && \
	$(BIN)/compline init .build/demo && $(BIN)/compline demo-night --site .build/demo --night $(NIGHT) --run; \
	ended=$$?; Tests/postgres stop $$server; exit $$ended
else
nightly: packages build
	@[ "$(SITE)" != Sites/demo ] || rm -rf $(DEMO_FILES)
	@$(BIN)/compline init $(SITE)
	@$(BIN)/compline demo-night --site $(SITE) --night $(NIGHT) --run
endif

nightly-sftp: packages sshd-packages build
	@Tests/nightly-sftp $(BIN) .build/demo-sftp $(NIGHT)

build:
	swift build -c release
	@cd $(BIN) && { git -C "$(CURDIR)" describe --always --dirty --abbrev=40 --exclude '*' 2>/dev/null || echo unknown; \
	  sha256sum compline compline-pull compline-ingest compline-reconcile compline-extract compline-nightly; } > compline.commit

# Optimised, since most of the time goes into decoding; beside the jobs of `make build`, since these see what the tests may and others may not.
TESTS := .build/tests
TEST  := -c release --scratch-path $(TESTS) -Xswiftc -enable-testing -Xswiftc -DCOMPLINE_TRAP

# A second make of SFTP server for the conformance suite.
.build/venv/bin/asyncssh-$(ASYNCSSH):
	python3 -m venv .build/venv
	.build/venv/bin/pip install -q asyncssh==$(ASYNCSSH) && touch $@ || echo "asyncssh could not be installed: the tests on a second make of SFTP server say that they are skipped."

test: test-packages .build/venv/bin/asyncssh-$(ASYNCSSH)
	@[ -n "$(wildcard $(CORPUS)/truth)" ] || echo "There is no folder of real files at $(CORPUS): the tests that read it are skipped."
	swift build $(TEST) --build-tests
	@{ swift test $(TEST) --skip-build 2>&1; echo $$? >.build/tests.exit; } | tee .build/tests.log; \
	 [ "$$(cat .build/tests.exit)" = 0 ] || { echo "What failed:"; grep '✘' .build/tests.log; exit 1; }
	$(MAKE) faults-slice
	$(MAKE) exchange-faults-slice
	$(MAKE) nights-slice
	$(MAKE) leak
	$(MAKE) exam
	$(MAKE) fuzz-slice

FAULTS := Tests/Faults/faults.py --mappings Mappings --shim .build/faults.so --recorder .build/record.so

faults: test-packages build .build/faults.so .build/record.so
	$(FAULTS) --bin $(BIN) --done .build/faults-sqlite.done
	$(FAULTS) --bin $(BIN) --done .build/faults-postgresql.done --store postgresql

# What every change is run through: a few points by lot, the same on every machine.
faults-slice: test-packages .build/faults.so .build/record.so
	$(FAULTS) --bin $(TESTS)/release --sample 12
	$(FAULTS) --bin $(TESTS)/release --sample 4 --store postgresql

WIRE := Tests/Wire/wire.py --mappings Mappings

exchange-faults: test-packages build
	$(WIRE) --bin $(BIN)

# What every change is run through: some cuts in a small pull and in small deliveries.
exchange-faults-slice: test-packages
	$(WIRE) --bin $(TESTS)/release --parts move,deliver --files 40 --points 6 --scale 32

NIGHTS := Tests/Nights

permutations: test-packages build
	$(NIGHTS)/permutations.py --bin $(BIN) --mappings Mappings

stores: test-packages build
	$(NIGHTS)/equal.py --bin $(BIN) --mappings Mappings

planted: test-packages build .build/faults.so
	$(NIGHTS)/planted.py --bin $(BIN) --mappings Mappings --shim .build/faults.so

# What every change is run through: a few of each.
nights-slice: test-packages .build/faults.so
	$(NIGHTS)/permutations.py --bin $(TESTS)/release --mappings Mappings --count 4 --worlds 2
	$(NIGHTS)/equal.py --bin $(TESTS)/release --mappings Mappings --parts generated --nights 1 --derive 1
	$(NIGHTS)/planted.py --bin $(TESTS)/release --mappings Mappings --shim .build/faults.so --people 2 --store sqlite

.build/faults.so: Tests/Faults/shim.c
.build/record.so: Tests/Faults/record.c
.build/faults.so .build/record.so:
	mkdir -p .build
	cc -O1 -Wall -Wextra -Werror -shared -fPIC -o $@ $<

MINUTES ?= 30
TARGET  ?= envelope escapes dtm hl7 cda csv fhir container sftp
EXAM    := --package-path Fuzz -c release --scratch-path .build/exam
FUZZ    := COMPLINE_FUZZ=1 swift build --package-path Fuzz -c release --sanitize=fuzzer

exam: test-packages
	swift build $(EXAM) --build-tests
	swift test $(EXAM) --skip-build

reading: test-packages
	swift build $(TEST) --build-tests
	COMPLINE_READING=1 swift test $(TEST) --skip-build --filter ReadingTests

hostile: test-packages
	swift build $(EXAM) --build-tests
	COMPLINE_HOSTILE=1 swift test $(EXAM) --skip-build --filter HostileExam

fuzz-build: test-packages
	$(FUZZ) --scratch-path .build/fuzz

fuzz: fuzz-build
	LOGS=docs/fuzz Fuzz/run $$(( $(MINUTES) * 60 )) $(TARGET)

# What every change is run through: so many executions a target, from the synthetic seeds, the same on every machine.
fuzz-slice: fuzz-build
	Fuzz/run slice

# A bounds check of the segment table is left out; from the synthetic seeds alone a target must find the hole.
fuzz-plant: test-packages
	COMPLINE_PLANT=1 $(FUZZ) --scratch-path .build/fuzz-plant --product fuzz-hl7
	@rm -rf .build/fuzz-planted
	@if BIN=.build/fuzz-plant/release WORK=.build/fuzz-planted LOGS=.build/fuzz-planted CORPUS= Fuzz/run 60 hl7; \
	then echo "The fuzz target did not see a missing bounds check."; exit 1; \
	else echo "The fuzz target sees a missing bounds check."; fi

# Builds a deliberate leak into the jobs and expects the canary test to see it; then builds them clean again.
leak:
	COMPLINE_LEAK=1 swift build $(TEST) --build-tests
	@if COMPLINE_LEAK=1 swift test $(TEST) --skip-build --filter CanaryTests/nothingPlanted >/dev/null 2>&1; \
	then echo "The canary test did not see a deliberate leak."; exit 1; \
	else echo "The canary test sees a deliberate leak."; fi
	swift build $(TEST) --build-tests

# Says what it measured, goal by goal, and fails where one is not met. The figures stay in .build/bench.json.
bench: bench-packages build
	@[ -f $(BENCH)/gen_hl7.py ] || { echo "There are no input generators at $(BENCH); name their folder with BENCH=DIR."; exit 1; }
	@python3 Benchmarks/bench.py --bin $(BIN) --inputs $(BENCH) --work .build/bench --only "$(ONLY)" --pairs $(PAIRS) --messages $(MESSAGES) --out .build/bench.json

# A test holds the page to the dictionary.
docs: packages
	swift build -c release --product compline
	$(BIN)/compline mapping dictionary --mappings Mappings > docs/formats/dictionary.md

clean:
	rm -rf .build $(DEMO_FILES)

packages: ; $(call install,$(NIGHTLY_PACKAGES))
sshd-packages: ; $(call install,$(NIGHTLY_PACKAGES) openssh-server openssh-sftp-server)
postgres-packages: ; $(call install,postgresql)
bench-packages: ; $(call install,$(BENCH_PACKAGES))
test-packages: ; $(call install,$(TEST_PACKAGES))

# Installs the Debian packages of a list that are missing: as root; else it names the one line to run, and stops.
define install
@missing=""; for package in $(1); do \
  [ "$$(dpkg-query -W -f='$${db:Status-Status}' $$package 2>/dev/null)" = installed ] || missing="$$missing $$package"; \
done; \
if [ -n "$$missing" ]; then \
  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing; \
  else echo "Some packages are missing. Run this, then make again:"; echo "  sudo apt-get install -y$$missing"; exit 1; fi; \
fi
endef
