# Sourced by tools/check and tools/up: lets clones of this repository share what ccache has
# compiled, wherever they lie, and precompiled headers be cached at all.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS="pch_defines,time_macros"
