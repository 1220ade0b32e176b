# Start with `make run` and `make test`. docs/commands.md describes all commands.

PYTHON ?= python3
PORT ?= 8000
export PORT
ifdef DATA_DIR
export DATA_DIR
endif

.PHONY: help run demo test check format bench backup restore
.DEFAULT_GOAL := help

help:
	@echo "make run      the site at http://localhost:$(PORT)  (PORT=8000 DATA_DIR=var)"
	@echo "make demo     an invented workshop to look at       (PORT=8000 DATA_DIR=var/demo; SIZE=large)"
	@echo "make test     quick tests; all with ARGS=--all      (ARGS=\"tests/core -k name\")"
	@echo "make check    style, types, layers, migrations, settings"
	@echo "make bench    the figures of docs/performance.md   (ARGS=pages)"
	@echo "make format   formats Python and templates"
	@echo "make backup   database and uploaded files into one file"
	@echo "make restore  FILE=...  brings such a file back"

run:
	@$(PYTHON) workshop/bootstrap.py run

demo:
	@$(PYTHON) workshop/bootstrap.py demo $(if $(SIZE),--size=$(SIZE))

test:
	@$(PYTHON) workshop/bootstrap.py test $(ARGS)

check:
	@$(PYTHON) workshop/bootstrap.py check

format:
	@$(PYTHON) workshop/bootstrap.py format

bench:
	@$(PYTHON) workshop/bootstrap.py bench $(ARGS)

backup:
	@$(PYTHON) workshop/bootstrap.py backup

restore:
	@$(PYTHON) workshop/bootstrap.py restore "$(FILE)" $(ARGS)
