/// Whether the whole of `name` fits `pattern`, in which `*` stands for any run of bytes, the empty one too, and all else for itself. Time is at most
/// the product of the lengths.
public func globMatches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
    var (offset, position) = (0, 0)
    var resume: (offset: Int, position: Int)?
    while position < name.count {
        if offset < pattern.count, pattern[offset] == UInt8(ascii: "*") {
            resume = (offset + 1, position)
            offset += 1
        } else if offset < pattern.count, pattern[offset] == name[position] {
            offset += 1
            position += 1
        } else if let last = resume {
            resume = (last.offset, last.position + 1)  // let the last star take one byte more
            (offset, position) = (last.offset, last.position + 1)
        } else {
            return false
        }
    }
    return pattern[offset...].allSatisfy { $0 == UInt8(ascii: "*") }
}
