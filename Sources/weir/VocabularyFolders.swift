import Glibc
import WeirBase
import WeirTokens

/// Where the programs look for vocabularies, in this order: the folder that they were told, `WEIR_VOCABULARIES`, a folder `vocabularies` beside the
/// program or in one of the four folders above it (a build's is in the project), `share/weir/vocabularies` next to the program's `bin`.
struct VocabularyFolders {
    let folders: [String]

    init(_ told: String?) {
        if let told {
            folders = [told]
        } else if let variable = unsafe getenv("WEIR_VOCABULARIES") {
            folders = [unsafe String(cString: variable)]
        } else {
            var above = VocabularyFolders.programFolder()
            let share = above + "/../share/weir/vocabularies"
            var places: [String] = []
            for _ in 0...4 {
                places.append(above + "/vocabularies")
                guard let slash = above.lastIndex(of: "/"), slash > above.startIndex else { break }
                above = String(above[..<slash])
            }
            folders = places + [share]
        }
    }

    /// Whether a vocabulary has been built.
    func has(_ name: String) -> Bool { path(name) != nil }

    /// Opens the vocabulary with this name.
    /// - Throws: what is wrong, with the cure.
    func open(_ name: String) throws(VocabularyProblem) -> Vocabulary {
        guard let path = path(name) else {
            throw VocabularyProblem(
                description: "vocabulary \(name) is not in \(folders.joined(separator: ", ")); "
                    + "build it with scripts/vocabularies --only \(name), or name its folder with --vocabularies")
        }
        let memory: FrozenMemory
        do throws(MappingError) { memory = try FrozenMemory(mapping: path) } catch {
            throw VocabularyProblem(description: "\(error)")
        }
        do throws(VocabularyError) {
            let vocabulary = try Vocabulary(memory)
            memory.dropPages()
            return vocabulary
        } catch { throw VocabularyProblem(description: "\(path): \(error)") }
    }

    private func path(_ name: String) -> String? {
        let isName = !name.isEmpty && name.utf8.allSatisfy { $0 != UInt8(ascii: "/") && $0 != 0 }
        guard isName else { return nil }
        return folders.map { "\($0)/\(name).weirvoc" }.first { unsafe access($0, F_OK) == 0 }
    }

    private static func programFolder() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return "." }
        let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return String(path[..<slash])
    }
}

/// Why a vocabulary cannot be used, and what to do.
struct VocabularyProblem: Error, CustomStringConvertible { let description: String }
