# bash completion for cpm, derived from the command table: `cpm completion bash`
_cpm() {
	local word=${COMP_WORDS[COMP_CWORD]} flags=""
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W "access approve-scripts audit bugs cache ci completion config dedupe deny-scripts deploy deprecate diff dist-tag docs doctor edit exec explain explore find-dupes fund get help help-search init install install-ci-test install-scripts install-test link licenses ll login logout ls node org outdated owner pack ping patch pkg policy prefix profile prune publish query rebuild repo restart review root run runtime sbom search set stage start stop team test token trace undeprecate uninstall unpublish update version view whoami workspaces" -- "$word"))
		return
	fi
	case ${COMP_WORDS[1]} in
	access) flags="--json --otp --registry" ;;
	approve-scripts) flags="--all --allow-scripts-pending --allow-scripts-pin --allow-scripts-integrity --json" ;;
	audit) flags="--audit-level --exit-codes --db --max-db-age --dry-run --force --plan --json --package-lock-only --package-lock --omit --include --foreground-scripts --ignore-scripts --include-attestations --trusted-root --trusted-root-pin --workspace --workspaces --include-workspace-root" ;;
	bugs|issues) flags="--browser --registry --workspace --workspaces --include-workspace-root" ;;
	cache) flags="--cache --force" ;;
	ci|clean-install|ic|install-clean|isntall-clean) flags="--install-strategy --shared-store --omit --include --strict-peer-deps --legacy-peer-deps --foreground-scripts --script-timeout --sandbox-scripts --ignore-scripts --allow-directory --allow-file --allow-git --allow-remote --allow-scripts --strict-allow-scripts --dangerously-allow-all-scripts --audit --bin-links --fund --dry-run --offline --prefer-offline --json --install-links --workspace --workspaces --include-workspace-root" ;;
	config|c) flags="--json --global --editor --location --long" ;;
	dedupe|ddp) flags="--install-strategy --shared-store --omit --include --strict-peer-deps --legacy-peer-deps --package-lock --ignore-scripts --bin-links --fund --dry-run --json --install-links --workspace --workspaces --include-workspace-root" ;;
	deny-scripts) flags="--all --allow-scripts-pending --allow-scripts-pin --allow-scripts-integrity --json" ;;
	deploy) flags="--force --omit --include --offline --prefer-offline --json" ;;
	deprecate) flags="--registry --otp --dry-run" ;;
	diff) flags="--diff --diff-name-only --diff-unified --diff-ignore-all-space --diff-no-prefix --diff-src-prefix --diff-dst-prefix --diff-text --global --tag --workspace --workspaces --include-workspace-root" ;;
	dist-tag|dist-tags) flags="--workspace --workspaces --include-workspace-root" ;;
	docs|home) flags="--browser --registry --workspace --workspaces --include-workspace-root" ;;
	doctor) flags="--registry --json" ;;
	edit) flags="--editor" ;;
	exec|x) flags="--package --call --yes --workspace --workspaces --include-workspace-root --allow-scripts --strict-allow-scripts --dangerously-allow-all-scripts --sandbox-scripts --script-shell --script-timeout" ;;
	explain|why) flags="--global --json --workspace" ;;
	explore) flags="--shell --global" ;;
	find-dupes) flags="--install-strategy --shared-store --omit --include --strict-peer-deps --legacy-peer-deps --package-lock --ignore-scripts --bin-links --fund --dry-run --json --install-links --workspace --workspaces --include-workspace-root" ;;
	fund) flags="--json --browser --unicode --workspace --which" ;;
	get) flags="--long --json" ;;
	help|hlep) flags="--viewer" ;;
	help-search) flags="--long" ;;
	init|create|innit) flags="--init-author-name --init-author-url --init-license --init-type --init-version --init-private --yes --force --scope --workspace --workspaces --workspaces-update --include-workspace-root" ;;
	install|add|i|in|ins|inst|insta|instal|isnt|isnta|isntal|isntall) flags="--save --save-exact --save-prefix --save-prod --save-dev --save-optional --save-peer --save-bundle --global --install-strategy --shared-store --omit --include --strict-peer-deps --legacy-peer-deps --prefer-dedupe --package-lock --package-lock-only --lockfile-version --foreground-scripts --script-timeout --sandbox-scripts --ignore-scripts --allow-directory --allow-file --allow-git --allow-remote --allow-scripts --strict-allow-scripts --dangerously-allow-all-scripts --audit --before --min-release-age --bin-links --fund --dry-run --cpu --os --libc --engine-strict --force --offline --prefer-offline --prefer-online --json --install-links --workspace --workspaces --include-workspace-root" ;;
	install-ci-test|cit|clean-install-test|sit) flags="--install-strategy --shared-store --omit --include --strict-peer-deps --legacy-peer-deps --foreground-scripts --script-timeout --sandbox-scripts --ignore-scripts --allow-directory --allow-file --allow-git --allow-remote --allow-scripts --strict-allow-scripts --dangerously-allow-all-scripts --audit --bin-links --fund --dry-run --offline --prefer-offline --json --install-links --workspace --workspaces --include-workspace-root" ;;
	install-scripts) flags="--all --allow-scripts-pin --allow-scripts-integrity --dry-run --json" ;;
	install-test|it) flags="--save --save-exact --save-prefix --save-prod --save-dev --save-optional --save-peer --save-bundle --global --install-strategy --shared-store --omit --include --strict-peer-deps --legacy-peer-deps --prefer-dedupe --package-lock --package-lock-only --lockfile-version --foreground-scripts --script-timeout --sandbox-scripts --ignore-scripts --allow-directory --allow-file --allow-git --allow-remote --allow-scripts --strict-allow-scripts --dangerously-allow-all-scripts --audit --before --min-release-age --bin-links --fund --dry-run --cpu --os --libc --engine-strict --force --offline --prefer-offline --prefer-online --json --install-links --workspace --workspaces --include-workspace-root" ;;
	link|ln) flags="--save --save-exact --global --install-strategy --shared-store --strict-peer-deps --package-lock --omit --include --ignore-scripts --allow-directory --allow-file --allow-git --allow-remote --audit --bin-links --fund --dry-run --json" ;;
	licenses) flags="--fail-on --json --omit --include --package-lock-only --workspace --workspaces --include-workspace-root" ;;
	ll|la) flags="--global --all --json --long --parseable --depth --omit --include --link --package-lock-only --unicode --workspace --workspaces --include-workspace-root" ;;
	login) flags="--registry --scope --auth-type" ;;
	logout) flags="--registry --scope" ;;
	ls|list) flags="--global --all --json --long --parseable --depth --omit --include --link --package-lock-only --unicode --workspace --workspaces --include-workspace-root" ;;
	node) flags="--script-runtime --runtime-version" ;;
	node-gyp) flags="--script-runtime --runtime-version" ;;
	org|ogr) flags="--registry --otp --json --parseable" ;;
	outdated) flags="--global --all --json --long --parseable --omit --workspace --workspaces --include-workspace-root --before --min-release-age --min-release-age-exclude" ;;
	owner|author) flags="--registry --otp --workspace --workspaces" ;;
	pack) flags="--dry-run --json --pack-destination --workspace --workspaces --include-workspace-root --ignore-scripts" ;;
	ping) flags="--registry --json" ;;
	patch) flags="--patches-dir --allow-unused-patches --ignore-patch-failures --edit-dir --ignore-existing --keep-edit-dir --registry" ;;
	pkg) flags="--force --json --workspace --workspaces" ;;
	policy) flags="--exit-codes --json" ;;
	prefix) flags="--global" ;;
	profile) flags="--registry --json --parseable --otp" ;;
	prune) flags="--install-strategy --shared-store --omit --include --strict-peer-deps --legacy-peer-deps --package-lock --ignore-scripts --bin-links --fund --dry-run --json --install-links --workspace --workspaces --include-workspace-root" ;;
	publish) flags="--tag --access --dry-run --otp --workspace --workspaces --include-workspace-root --provenance" ;;
	query) flags="--global --workspace --workspaces --include-workspace-root --package-lock-only --expect-results --expect-result-count --before --min-release-age --min-release-age-exclude" ;;
	rebuild|rb) flags="--global --bin-links --foreground-scripts --script-timeout --sandbox-scripts --ignore-scripts --allow-scripts --strict-allow-scripts --dangerously-allow-all-scripts --workspace --workspaces --include-workspace-root --install-links" ;;
	repo) flags="--browser --registry --workspace --workspaces --include-workspace-root" ;;
	restart) flags="--workspace --workspaces --include-workspace-root --if-present --ignore-scripts --script-shell --script-timeout --topological --parallel --concurrency --bail --aggregate-output --resume-from --since --with-dependencies --with-dependents --script-cache --why" ;;
	review) flags="--fail-on --markdown --json --offline --before --min-release-age" ;;
	root) flags="--global" ;;
	run|run-script|rum|urn) flags="--workspace --workspaces --include-workspace-root --if-present --ignore-scripts --foreground-scripts --script-shell --script-timeout --json --parseable --topological --parallel --concurrency --bail --aggregate-output --resume-from --since --with-dependencies --with-dependents --script-cache --why" ;;
	runtime) flags="--global --json --offline --script-runtime --runtime-version --runtime-pins" ;;
	sbom) flags="--omit --package-lock-only --sbom-format --sbom-type --vex --db --max-db-age --workspace --workspaces" ;;
	search|find|s|se) flags="--json --color --parseable --description --searchlimit --searchopts --searchexclude --registry --prefer-online --prefer-offline --offline" ;;
	set) flags="--global --location" ;;
	stage) flags="--json --otp --registry" ;;
	start) flags="--workspace --workspaces --include-workspace-root --if-present --ignore-scripts --script-shell --script-timeout --topological --parallel --concurrency --bail --aggregate-output --resume-from --since --with-dependencies --with-dependents --script-cache --why" ;;
	stop) flags="--workspace --workspaces --include-workspace-root --if-present --ignore-scripts --script-shell --script-timeout --topological --parallel --concurrency --bail --aggregate-output --resume-from --since --with-dependencies --with-dependents --script-cache --why" ;;
	team) flags="--registry --otp --parseable --json" ;;
	test|tst|t) flags="--workspace --workspaces --include-workspace-root --if-present --ignore-scripts --script-shell --script-timeout --topological --parallel --concurrency --bail --aggregate-output --resume-from --since --with-dependencies --with-dependents --script-cache --why" ;;
	token) flags="--name --token-description --expires --packages --packages-all --scopes --orgs --packages-and-scopes-permission --orgs-permission --cidr --bypass-2fa --password --registry --otp --read-only" ;;
	trace) flags="--global --json --logs-dir --timing --unicode" ;;
	undeprecate) flags="--registry --otp --dry-run" ;;
	uninstall|unlink|remove|rm|r|un) flags="--save --global --install-strategy --shared-store --omit --include --strict-peer-deps --legacy-peer-deps --package-lock --ignore-scripts --bin-links --fund --dry-run --json --install-links --workspace --workspaces --include-workspace-root" ;;
	unpublish) flags="--dry-run --force --workspace --workspaces" ;;
	update|up|u|upgrade|udpate) flags="--save --global --before --min-release-age --install-strategy --shared-store --omit --include --strict-peer-deps --legacy-peer-deps --package-lock --ignore-scripts --bin-links --fund --dry-run --json --install-links --workspace --workspaces --include-workspace-root" ;;
	version|verison) flags="--allow-same-version --commit-hooks --git-tag-version --json --preid --sign-git-tag --save --workspace --workspaces --workspaces-update --include-workspace-root --ignore-scripts" ;;
	view|info|show|v) flags="--json --workspace --workspaces --include-workspace-root" ;;
	whoami) flags="--registry --json" ;;
	workspaces) flags="--graph --json --parseable --workspace --include-workspace-root --since --with-dependents --with-dependencies" ;;
	esac
	case $word in
	-*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
	*) COMPREPLY=($(compgen -f -- "$word")) ;;
	esac
}
complete -o filenames -F _cpm cpm
