internal import Glibc
import WeirBase
import WeirLedger

/// The segment files of a folder, mapped: what the tables may not have yet. Mapped before the tables are looked at: then a segment that the owner
/// deletes meanwhile, because the tables have it, is either here or not needed.
struct JournalTail {
    private var segments: [Int: [(number: UInt32, words: MappedWords)]] = [:]

    /// Maps all segments of `folder`; one that is deleted meanwhile is left out.
    init(folder: String) throws(StoreError) {
        for file in SegmentFile.all(in: folder) {
            do throws(StoreError) {
                segments[file.loop, default: []].append((file.number, try file.mapped(in: folder)))
            } catch {
                guard case .file(_, "open", let number) = error, number == ENOENT else { throw error }
            }
        }
    }

    var loops: [Int] { segments.keys.sorted() }

    func count(of loop: Int) -> Int { segments[loop]?.count ?? 0 }

    func firstSegment(of loop: Int) -> UInt32? { segments[loop]?.first?.number }

    func lastSegment(of loop: Int) -> UInt32? { segments[loop]?.last?.number }

    /// Reads one loop's journal on from where `fold` is, to its end.
    func read(_ fold: inout JournalFold, into sink: any FoldSink) {
        for (number, words) in segments[fold.loop] ?? [] where number >= fold.position.segment {
            if number > fold.position.segment {
                // What comes after the end of what is written is prepared and empty.
                guard words.withBytes(JournalFold.hasRecords) else { continue }
                if fold.isDamaged { sink.problem(.damaged(loop: fold.loop, fold.position)) }
                fold.startSegment(number)
            }
            words.withBytes { _ = fold.fold($0, into: sink) }
        }
    }
}
