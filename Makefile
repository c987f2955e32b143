# Aliases only: everything is done by the scripts in bin/, which need no make. Options: make bundle ARGS="--os debian13"
.PHONY: run reset test lint audit build lock openapi coverage migration-check docs bundle test-appliance test-reproducible ci

run reset test lint audit build lock openapi coverage migration-check docs bundle test-appliance test-reproducible:
	@bin/$@ $(ARGS)

ci:
	@.ci/run
