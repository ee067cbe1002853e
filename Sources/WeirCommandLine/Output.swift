internal import Glibc

/// Prints a line on standard error.
public func printError(_ text: String) { printLine(text, on: 2) }

/// Prints a line at once: who waits for it reads a pipe.
public func printLine(_ text: String, on descriptor: Int32 = 1) {
    let line = Array((text + "\n").utf8)
    _ = unsafe line.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
}
