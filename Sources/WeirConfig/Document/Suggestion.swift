/// Guesses which of `candidates` a writer meant: the one with the fewest insertions, deletions, replacements and swaps of neighbours,
/// if they are at most a third of the word; words of one or two characters are never guessed.
func suggestion(for written: String, among candidates: [String]) -> String? {
    let written = Array(written.lowercased().unicodeScalars.prefix(64))
    guard !written.isEmpty else { return nil }
    var best: (name: String, edits: Int)?
    for candidate in candidates {
        let edits = editDistance(written, Array(candidate.lowercased().unicodeScalars.prefix(64)))
        guard edits <= written.count / 3, edits < best?.edits ?? .max else { continue }
        best = (candidate, edits)
    }
    return best?.name
}

/// Optimal string alignment distance.
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast = [Int]()
    var last = Array(0...right.count)
    for row in left.indices {
        var current = [row + 1]
        for column in right.indices {
            var edits = min(last[column + 1] + 1, current[column] + 1)
            edits = min(edits, last[column] + (left[row] == right[column] ? 0 : 1))
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                edits = min(edits, beforeLast[column - 1] + 1)
            }
            current.append(edits)
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}
