# Aliases only: everything is done by the scripts in bin/, which need no make.
.PHONY: run reset test lint audit build lock openapi coverage migration-check ci

run reset test lint audit build lock openapi coverage migration-check:
	@bin/$@

ci:
	@.ci/run
