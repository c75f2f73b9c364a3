# Everything Gendan's users and developers do, each with one word. All targets can be run again at any time.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
DATA := $(or $(GENDAN_DATA_DIR),data)
export PYTHONUNBUFFERED := 1
ifdef PORT
export GENDAN_WEB__PORT := $(PORT)
endif
ifdef HOST
export GENDAN_WEB__HOST := $(HOST)
endif

.PHONY: run setup speech dev test check bench eval test-openai-whisper clean

run: $(VENV)/.light ## start the demo; speech recognition installs behind it
	@mkdir -p $(DATA)
	@$(PY) -m tools.install_speech >$(DATA)/speech-install.log 2>&1 & exec $(PY) main.py run --demo

setup: $(VENV)/.light ## the environment, without speech

speech: $(VENV)/.light ## speech recognition with its model, in the foreground
	$(PY) -m tools.install_speech

dev: $(VENV)/.dev ## what tests, checks and the emulator need

test: $(VENV)/.dev ## all tests
	$(PY) -m pytest -n 2 --dist loadfile

check: $(VENV)/.dev ## lint, types, import rules
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/lint-imports

bench: $(VENV)/.dev ## figures for docs/performance.md
	$(PY) -m bench.spine
	$(PY) -m bench.voice

eval: $(VENV)/.dev ## understanding and speech, on the evaluation sets beside this repository
	$(PY) -m tools.eval_understand
	$(PY) -m tools.eval_speech

test-openai-whisper: $(VENV)/.dev ## both speech engines on equal weights (installs PyTorch, about 2 GB)
	$(PY) -m pip install --quiet --disable-pip-version-check "torch==2.13.0" "openai-whisper==20250625"
	$(PY) -m pytest tests/speech/test_openai_whisper.py

clean: ## remove the environment; data/ stays
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Gendan needs Python 3.11 or newer; PYTHON=python3.12 make run names another one"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing (Debian, Ubuntu: apt-get install python3-venv)"; rm -rf $(VENV); exit 1; }

$(VENV)/.light: requirements.txt | $(VENV)/bin/python
	@echo "Installing (about half a minute the first time) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing what the tests need ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/.light
