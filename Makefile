# make demo    a demonstration with its own data folder, ready to look at
# make serve   an installation for real work
# make test    everything that is checked; `make quick` is the part to run while working
PYTHON := .venv/bin/python

.PHONY: demo serve test quick lint format messages schema

demo: .venv/installed
	STS_QA_DATA=./var/demo STS_QA_DEMONSTRATION=true DATABASE_URL= $(PYTHON) manage.py serve

serve: .venv/installed
	$(PYTHON) manage.py serve

test: .venv/installed-for-tests
	$(PYTHON) -m tools.run_tests

quick: .venv/installed-for-tests
	$(PYTHON) -m tools.run_tests lint javascript unit

lint: .venv/installed-for-tests
	$(PYTHON) -m tools.run_tests lint

# Texts of the code into locale/; translate what is listed, then run it again
messages: .venv/installed-for-tests
	$(PYTHON) -m tools.messages collect
	$(PYTHON) -m tools.messages compile

# The API's endpoints into docs/api/openapi.json
schema: .venv/installed-for-tests
	$(PYTHON) -m tools.api_schema

format: .venv/installed-for-tests
	.venv/bin/ruff check --fix-only .
	.venv/bin/ruff format .

$(PYTHON):
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "STS-QA needs Python 3.11 or newer; python3 is $$(python3 --version)."; exit 1; }
	python3 -m venv .venv

.venv/installed: requirements.txt | $(PYTHON)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/installed-for-tests: requirements.txt requirements-dev.txt | $(PYTHON)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch .venv/installed $@
