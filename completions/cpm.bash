# bash completion for cpm, derived from the command table: `cpm completion bash`
_cpm() {
	local word=${COMP_WORDS[COMP_CWORD]} flags=""
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W "cache ci completion config get help install set version" -- "$word"))
		return
	fi
	case ${COMP_WORDS[1]} in
	cache) flags="--cache --force" ;;
	ci|clean-install|ic|install-clean|isntall-clean) flags="--install-strategy --omit --include --strict-peer-deps --legacy-peer-deps --ignore-scripts --allow-directory --allow-file --allow-git --allow-remote --bin-links --fund --dry-run --offline --prefer-offline --json --install-links" ;;
	config|c) flags="--json --global --location --long" ;;
	get) flags="--long --json" ;;
	help|hlep) flags="--viewer" ;;
	install|add|i|in|ins|inst|insta|instal|isnt|isnta|isntal|isntall) flags="--save --install-strategy --omit --include --strict-peer-deps --legacy-peer-deps --prefer-dedupe --package-lock --package-lock-only --lockfile-version --ignore-scripts --allow-directory --allow-file --allow-git --allow-remote --before --min-release-age --bin-links --fund --dry-run --cpu --os --libc --engine-strict --force --offline --prefer-offline --prefer-online --json --install-links" ;;
	set) flags="--global --location" ;;
	version|verison) flags="--json" ;;
	esac
	case $word in
	-*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
	*) COMPREPLY=($(compgen -f -- "$word")) ;;
	esac
}
complete -o filenames -F _cpm cpm
