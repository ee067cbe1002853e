#if canImport(Glibc)
    internal import Glibc
#endif

/// Why a file could not be mapped.
public struct MappingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What the kernel said (`errno`); `notAFile` where it said nothing.
    public var code: Int32
    public var path: String

    /// A folder, a device, or an empty file.
    public static let notAFile: Int32 = 0

    /// "vocabularies/o200k_base.weirvoc: No such file or directory"
    public var description: String {
        guard code != MappingError.notAFile else { return "\(path): not a file with anything in it" }
        return unsafe "\(path): \(String(cString: strerror(code)))"
    }

    /// Whether there is no such file.
    public var isMissing: Bool { code == ENOENT || code == ENOTDIR }
}

extension FrozenMemory {
    /// The file at `path`, mapped: its pages are read when they are needed, and all processes share them. A file that is replaced must be replaced by
    /// renaming: shortening a mapped file kills who reads it.
    public convenience init(mapping path: String) throws(MappingError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw MappingError(code: errno, path: path) }
        defer { close(descriptor) }
        var facts = stat()
        guard unsafe fstat(descriptor, &facts) == 0 else { throw MappingError(code: errno, path: path) }
        guard facts.st_mode & S_IFMT == S_IFREG, facts.st_size > 0 else {
            throw MappingError(code: MappingError.notAFile, path: path)
        }
        let count = Int(facts.st_size)
        guard let base = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), unsafe base != MAP_FAILED
        else {
            throw MappingError(code: errno, path: path)
        }
        unsafe self.init(base: UnsafeRawPointer(base), count: count, isMapped: true) { base, count in
            unsafe munmap(UnsafeMutableRawPointer(mutating: base), count)
        }
    }

    /// Gives back the pages that reading the file once has brought in; what is needed comes again from the page cache.
    public func dropPages() {
        guard isMapped else { return }
        unsafe madvise(UnsafeMutableRawPointer(mutating: base), count, MADV_DONTNEED)
    }
}
