# fish completion for cpm, derived from the command table: `cpm completion fish`
complete -c cpm -n __fish_use_subcommand -f -a cache -d 'Manage the package cache'
complete -c cpm -n '__fish_seen_subcommand_from cache' -l cache -d 'Folder of the cache and of the log files'
complete -c cpm -n '__fish_seen_subcommand_from cache' -l force -d 'Take away protections: know what you do' -s f
complete -c cpm -n __fish_use_subcommand -f -a ci -d 'Clean install a project'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l install-strategy -d 'Layout of node_modules'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l omit -d 'Kinds of dependencies to leave out of node_modules'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l include -d 'Kinds of dependencies to install even when omitted elsewhere'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l strict-peer-deps -d 'Treat every conflict of peer dependencies as an error'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l legacy-peer-deps -d 'Ignore peer dependencies, as npm 3 to 6 did'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l ignore-scripts -d 'Run no lifecycle scripts'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l allow-directory -d 'Which folder dependencies may be installed: any, direct ones, none'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l allow-file -d 'Which local tarballs may be installed: any, direct ones, none'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l allow-git -d 'Which git dependencies may be installed: any, direct ones, none'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l allow-remote -d 'Which tarballs at plain URLs may be installed: any, direct ones, none'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l bin-links -d 'Link the executables of packages into node_modules/.bin'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l fund -d 'Say how many packages ask for funding'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l dry-run -d 'Work out and report the changes, but write nothing'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l offline -d 'Use the cache only and make no request'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l prefer-offline -d 'Use cached data however old it is, fetch what is missing'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l json -d 'Print results as JSON'
complete -c cpm -n '__fish_seen_subcommand_from ci' -l install-links -d 'Copy folder dependencies into node_modules instead of linking them'
complete -c cpm -n __fish_use_subcommand -f -a completion -d 'Print a completion script for a shell'
complete -c cpm -n __fish_use_subcommand -f -a config -d 'Manage the npm configuration files'
complete -c cpm -n '__fish_seen_subcommand_from config' -l json -d 'Print results as JSON'
complete -c cpm -n '__fish_seen_subcommand_from config' -l global -d 'Act on the global packages instead of the project' -s g
complete -c cpm -n '__fish_seen_subcommand_from config' -l location -d 'Which configuration file to edit' -s L
complete -c cpm -n '__fish_seen_subcommand_from config' -l long -d 'Show more' -s l
complete -c cpm -n __fish_use_subcommand -f -a explain -d 'Explain installed packages'
complete -c cpm -n '__fish_seen_subcommand_from explain' -l json -d 'Print results as JSON'
complete -c cpm -n '__fish_seen_subcommand_from explain' -l workspace -d 'Act on these workspaces: names or folders' -s w
complete -c cpm -n __fish_use_subcommand -f -a get -d 'Get a value from the npm configuration'
complete -c cpm -n '__fish_seen_subcommand_from get' -l long -d 'Show more' -s l
complete -c cpm -n '__fish_seen_subcommand_from get' -l json -d 'Print results as JSON'
complete -c cpm -n __fish_use_subcommand -f -a help -d 'Get help on a command'
complete -c cpm -n '__fish_seen_subcommand_from help' -l viewer -d 'Program that shows help pages'
complete -c cpm -n __fish_use_subcommand -f -a install -d 'Install a package'
complete -c cpm -n '__fish_seen_subcommand_from install' -l save -d 'Write what was installed to package.json and the lockfile' -s S
complete -c cpm -n '__fish_seen_subcommand_from install' -l save-exact -d 'Save the exact version instead of a range' -s E
complete -c cpm -n '__fish_seen_subcommand_from install' -l save-prefix -d 'How saved ranges begin'
complete -c cpm -n '__fish_seen_subcommand_from install' -l save-prod -d 'Save to dependencies' -s P
complete -c cpm -n '__fish_seen_subcommand_from install' -l save-dev -d 'Save to devDependencies' -s D
complete -c cpm -n '__fish_seen_subcommand_from install' -l save-optional -d 'Save to optionalDependencies' -s O
complete -c cpm -n '__fish_seen_subcommand_from install' -l save-peer -d 'Save to peerDependencies'
complete -c cpm -n '__fish_seen_subcommand_from install' -l save-bundle -d 'Also list the packages in bundleDependencies' -s B
complete -c cpm -n '__fish_seen_subcommand_from install' -l install-strategy -d 'Layout of node_modules'
complete -c cpm -n '__fish_seen_subcommand_from install' -l omit -d 'Kinds of dependencies to leave out of node_modules'
complete -c cpm -n '__fish_seen_subcommand_from install' -l include -d 'Kinds of dependencies to install even when omitted elsewhere'
complete -c cpm -n '__fish_seen_subcommand_from install' -l strict-peer-deps -d 'Treat every conflict of peer dependencies as an error'
complete -c cpm -n '__fish_seen_subcommand_from install' -l legacy-peer-deps -d 'Ignore peer dependencies, as npm 3 to 6 did'
complete -c cpm -n '__fish_seen_subcommand_from install' -l prefer-dedupe -d 'Reuse an installed version rather than add a newer one'
complete -c cpm -n '__fish_seen_subcommand_from install' -l package-lock -d 'Use and write package-lock.json'
complete -c cpm -n '__fish_seen_subcommand_from install' -l package-lock-only -d 'Update package-lock.json and leave node_modules alone'
complete -c cpm -n '__fish_seen_subcommand_from install' -l lockfile-version -d 'Format of package-lock.json'
complete -c cpm -n '__fish_seen_subcommand_from install' -l ignore-scripts -d 'Run no lifecycle scripts'
complete -c cpm -n '__fish_seen_subcommand_from install' -l allow-directory -d 'Which folder dependencies may be installed: any, direct ones, none'
complete -c cpm -n '__fish_seen_subcommand_from install' -l allow-file -d 'Which local tarballs may be installed: any, direct ones, none'
complete -c cpm -n '__fish_seen_subcommand_from install' -l allow-git -d 'Which git dependencies may be installed: any, direct ones, none'
complete -c cpm -n '__fish_seen_subcommand_from install' -l allow-remote -d 'Which tarballs at plain URLs may be installed: any, direct ones, none'
complete -c cpm -n '__fish_seen_subcommand_from install' -l before -d 'Use only versions that were published up to this moment'
complete -c cpm -n '__fish_seen_subcommand_from install' -l min-release-age -d 'Use only versions that are at least this many days old'
complete -c cpm -n '__fish_seen_subcommand_from install' -l bin-links -d 'Link the executables of packages into node_modules/.bin'
complete -c cpm -n '__fish_seen_subcommand_from install' -l fund -d 'Say how many packages ask for funding'
complete -c cpm -n '__fish_seen_subcommand_from install' -l dry-run -d 'Work out and report the changes, but write nothing'
complete -c cpm -n '__fish_seen_subcommand_from install' -l cpu -d 'Choose optional packages for this processor instead of the one here'
complete -c cpm -n '__fish_seen_subcommand_from install' -l os -d 'Choose optional packages for this system instead of the one here'
complete -c cpm -n '__fish_seen_subcommand_from install' -l libc -d 'Choose optional packages for this C library instead of the one here'
complete -c cpm -n '__fish_seen_subcommand_from install' -l engine-strict -d 'Refuse packages that do not support this Node.js'
complete -c cpm -n '__fish_seen_subcommand_from install' -l force -d 'Take away protections: know what you do' -s f
complete -c cpm -n '__fish_seen_subcommand_from install' -l offline -d 'Use the cache only and make no request'
complete -c cpm -n '__fish_seen_subcommand_from install' -l prefer-offline -d 'Use cached data however old it is, fetch what is missing'
complete -c cpm -n '__fish_seen_subcommand_from install' -l prefer-online -d 'Ask the registry for changes even when cached data is fresh'
complete -c cpm -n '__fish_seen_subcommand_from install' -l json -d 'Print results as JSON'
complete -c cpm -n '__fish_seen_subcommand_from install' -l install-links -d 'Copy folder dependencies into node_modules instead of linking them'
complete -c cpm -n __fish_use_subcommand -f -a ll -d 'List installed packages with what they say about themselves'
complete -c cpm -n '__fish_seen_subcommand_from ll' -l all -d 'Show or act on every package, not only on direct dependencies' -s a
complete -c cpm -n '__fish_seen_subcommand_from ll' -l json -d 'Print results as JSON'
complete -c cpm -n '__fish_seen_subcommand_from ll' -l long -d 'Show more' -s l
complete -c cpm -n '__fish_seen_subcommand_from ll' -l parseable -d 'Print results one a line, separated by colons or tabs' -s p
complete -c cpm -n '__fish_seen_subcommand_from ll' -l depth -d 'How deep to show the tree'
complete -c cpm -n '__fish_seen_subcommand_from ll' -l omit -d 'Kinds of dependencies to leave out of node_modules'
complete -c cpm -n '__fish_seen_subcommand_from ll' -l include -d 'Kinds of dependencies to install even when omitted elsewhere'
complete -c cpm -n '__fish_seen_subcommand_from ll' -l link -d 'Show only linked packages'
complete -c cpm -n '__fish_seen_subcommand_from ll' -l package-lock-only -d 'Update package-lock.json and leave node_modules alone'
complete -c cpm -n '__fish_seen_subcommand_from ll' -l unicode -d 'Use Unicode characters in the output'
complete -c cpm -n '__fish_seen_subcommand_from ll' -l workspace -d 'Act on these workspaces: names or folders' -s w
complete -c cpm -n '__fish_seen_subcommand_from ll' -l workspaces -d 'Act on all workspaces, or with =false on none'
complete -c cpm -n '__fish_seen_subcommand_from ll' -l include-workspace-root -d 'Act on the root project as well as on its workspaces'
complete -c cpm -n __fish_use_subcommand -f -a ls -d 'List installed packages'
complete -c cpm -n '__fish_seen_subcommand_from ls' -l all -d 'Show or act on every package, not only on direct dependencies' -s a
complete -c cpm -n '__fish_seen_subcommand_from ls' -l json -d 'Print results as JSON'
complete -c cpm -n '__fish_seen_subcommand_from ls' -l long -d 'Show more' -s l
complete -c cpm -n '__fish_seen_subcommand_from ls' -l parseable -d 'Print results one a line, separated by colons or tabs' -s p
complete -c cpm -n '__fish_seen_subcommand_from ls' -l depth -d 'How deep to show the tree'
complete -c cpm -n '__fish_seen_subcommand_from ls' -l omit -d 'Kinds of dependencies to leave out of node_modules'
complete -c cpm -n '__fish_seen_subcommand_from ls' -l include -d 'Kinds of dependencies to install even when omitted elsewhere'
complete -c cpm -n '__fish_seen_subcommand_from ls' -l link -d 'Show only linked packages'
complete -c cpm -n '__fish_seen_subcommand_from ls' -l package-lock-only -d 'Update package-lock.json and leave node_modules alone'
complete -c cpm -n '__fish_seen_subcommand_from ls' -l unicode -d 'Use Unicode characters in the output'
complete -c cpm -n '__fish_seen_subcommand_from ls' -l workspace -d 'Act on these workspaces: names or folders' -s w
complete -c cpm -n '__fish_seen_subcommand_from ls' -l workspaces -d 'Act on all workspaces, or with =false on none'
complete -c cpm -n '__fish_seen_subcommand_from ls' -l include-workspace-root -d 'Act on the root project as well as on its workspaces'
complete -c cpm -n __fish_use_subcommand -f -a pkg -d 'Manages your package.json'
complete -c cpm -n '__fish_seen_subcommand_from pkg' -l force -d 'Take away protections: know what you do' -s f
complete -c cpm -n '__fish_seen_subcommand_from pkg' -l json -d 'Print results as JSON'
complete -c cpm -n '__fish_seen_subcommand_from pkg' -l workspace -d 'Act on these workspaces: names or folders' -s w
complete -c cpm -n '__fish_seen_subcommand_from pkg' -l workspaces -d 'Act on all workspaces, or with =false on none'
complete -c cpm -n __fish_use_subcommand -f -a prefix -d 'Display prefix'
complete -c cpm -n '__fish_seen_subcommand_from prefix' -l global -d 'Act on the global packages instead of the project' -s g
complete -c cpm -n __fish_use_subcommand -f -a root -d 'Display npm root'
complete -c cpm -n '__fish_seen_subcommand_from root' -l global -d 'Act on the global packages instead of the project' -s g
complete -c cpm -n __fish_use_subcommand -f -a set -d 'Set a value in the npm configuration'
complete -c cpm -n '__fish_seen_subcommand_from set' -l global -d 'Act on the global packages instead of the project' -s g
complete -c cpm -n '__fish_seen_subcommand_from set' -l location -d 'Which configuration file to edit' -s L
complete -c cpm -n __fish_use_subcommand -f -a version -d 'Show the versions of the project, of cpm, and of what it works with'
complete -c cpm -n '__fish_seen_subcommand_from version' -l json -d 'Print results as JSON'
