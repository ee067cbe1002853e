/// Every way to cut `bytes` that a parser must not notice: whole, in two parts at each offset, and byte by byte.
public func everySplit(of bytes: [UInt8]) -> [[[UInt8]]] {
    var splits = [[bytes]]
    guard bytes.count > 1 else { return splits }
    for cut in 1..<bytes.count { splits.append([Array(bytes[..<cut]), Array(bytes[cut...])]) }
    if bytes.count > 2 { splits.append(bytes.map { [$0] }) }
    return splits
}

/// Every beginning of `bytes` in growing order, from one byte to all: what a receive window shows as bytes come in one by one.
public func everyPrefix(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    guard !bytes.isEmpty else { return [] }
    return (1...bytes.count).map { bytes[..<$0] }
}
