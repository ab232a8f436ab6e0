# One dialect and one set of warnings for the whole tree; the presets choose sanitizers and hardening.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Link-time optimisation on all cores, and without a second, plain copy of the code in each object.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    set(CMAKE_C_COMPILE_OPTIONS_IPO -flto=auto -fno-fat-lto-objects)
endif()

option(CPM_WERROR "treat warnings as errors (CI does)" OFF)
option(CPM_HARDEN "hardening flags for binaries that ship" OFF)
set(CPM_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize= takes them")

add_compile_definitions(_GNU_SOURCE _FILE_OFFSET_BITS=64)
add_compile_options(
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wwrite-strings -Wvla -Wundef
    -Werror=implicit-function-declaration -Werror=return-type -Werror=int-conversion
    -Werror=incompatible-pointer-types)
if(CPM_WERROR)
    add_compile_options(-Werror)
endif()
if(CPM_SANITIZE)
    add_compile_options(-fsanitize=${CPM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
    add_link_options(-fsanitize=${CPM_SANITIZE})
endif()
if(CPM_HARDEN)
    add_compile_options(-fstack-protector-strong -fstack-clash-protection)
    add_compile_definitions(_FORTIFY_SOURCE=2)
    add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -pie)
endif()
