// Verifies a folder of tiles with the Go team's own packages, and with nothing of ours: the note,
// the tree that follows from the entries, every tile, and proofs over them.
//
//	verify_log FOLDER VERIFIER-KEY [OLDER-CHECKPOINT]
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8
const width = 1 << height

func fail(format string, values ...interface{}) {
	fmt.Printf("rejected: "+format+"\n", values...)
	os.Exit(1)
}

func check(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func openCheckpoint(file string, verifiers note.Verifiers) (string, int64, tlog.Hash) {
	signed, err := os.ReadFile(file)
	check(err, "checkpoint")
	opened, err := note.Open(signed, verifiers)
	check(err, "note")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 {
		fail("the checkpoint has %d lines", len(lines))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "size")
	hash, err := base64.StdEncoding.DecodeString(lines[2])
	check(err, "root")
	var root tlog.Hash
	if copy(root[:], hash) != tlog.HashSize || len(hash) != tlog.HashSize {
		fail("the root has %d bytes", len(hash))
	}
	return lines[0], size, root
}

// c2sp.org/tlog-tiles: the height is not part of a path.
func pathOf(kind string, n int64, w int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if w < width {
		path += fmt.Sprintf(".p/%d", w)
	}
	return filepath.Join("tile", kind, path)
}

func readEntries(folder string, size int64) [][]byte {
	var entries [][]byte
	for n := int64(0); n*width < size; n++ {
		w := width
		if size-n*width < width {
			w = int(size - n*width)
		}
		bundle, err := os.ReadFile(filepath.Join(folder, pathOf("entries", n, w)))
		check(err, "entries")
		for len(bundle) > 0 {
			if len(bundle) < 2 {
				fail("bundle %d is cut off", n)
			}
			length := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+length {
				fail("bundle %d is cut off", n)
			}
			entries = append(entries, bundle[2:2+length])
			bundle = bundle[2+length:]
		}
	}
	if int64(len(entries)) != size {
		fail("%d entries, and the checkpoint covers %d", len(entries), size)
	}
	return entries
}

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	read := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		read[i] = h[index]
	}
	return read, nil
}

// Not tlog.TileHashReader, which leaves the first tiles of a level unchecked: every hash follows
// from the entries themselves.
func hashesOf(entries [][]byte) hashes {
	var all hashes
	for i, entry := range entries {
		stored, err := tlog.StoredHashesForRecordHash(int64(i), tlog.RecordHash(entry), all)
		check(err, "hashes")
		all = append(all, stored...)
	}
	return all
}

func checkTiles(folder string, size int64, all hashes) {
	for _, tile := range tlog.NewTiles(height, 0, size) {
		w := size>>(height*uint(tile.L)) - tile.N*width
		if w > width {
			w = width
		}
		if int64(tile.W) != w {
			continue // Narrower than it is by now.
		}
		path := pathOf(strconv.Itoa(tile.L), tile.N, tile.W)
		kept, err := os.ReadFile(filepath.Join(folder, path))
		check(err, "tile")
		right, err := tlog.ReadTileData(tile, all)
		check(err, "tile")
		if !bytes.Equal(kept, right) {
			fail("%s is not the tile of these entries", path)
		}
	}
}

func checkProofs(entries [][]byte, size int64, root tlog.Hash, all hashes) {
	for _, index := range []int64{0, size / 3, size / 2, size - 1} {
		proof, err := tlog.ProveRecord(size, index, all)
		check(err, "inclusion")
		check(tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entries[index])), "inclusion")
	}
}

func checkOlder(file, origin string, verifiers note.Verifiers, size int64, root tlog.Hash, all hashes) {
	name, before, oldRoot := openCheckpoint(file, verifiers)
	if name != origin || before > size {
		fail("truncated or another log: %d events of %s before, %d of %s now", before, name, size, origin)
	}
	proof, err := tlog.ProveTree(size, before, all)
	check(err, "consistency")
	check(tlog.CheckTree(proof, size, root, before, oldRoot), "fork")
}

func main() {
	folder := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	check(err, "key")
	verifiers := note.VerifierList(verifier)
	origin, size, root := openCheckpoint(filepath.Join(folder, "checkpoint"), verifiers)
	entries := readEntries(folder, size)
	all := hashesOf(entries)
	computed, err := tlog.TreeHash(size, all)
	check(err, "root")
	if computed != root {
		fail("the root of the entries is not the signed one")
	}
	checkTiles(folder, size, all)
	checkProofs(entries, size, root, all)
	if len(os.Args) > 3 {
		checkOlder(os.Args[3], origin, verifiers, size, root, all)
	}
	fmt.Printf("accepted: %d entries of %s\n", size, origin)
}
