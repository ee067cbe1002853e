import Testing

@testable import WeirBudget

@Suite("a word under decision") struct DecisionWordTests {
    private final class Box {
        let word: DecisionWord
        init(_ value: Int64) { word = DecisionWord(value) }
    }

    @Test("who finds a decision under way pauses and enters when it has ended")
    func waits() {
        let box = Box(3)
        box.word.enter { Issue.record("nobody is inside") }
        var pauses = 0
        box.word.enter {
            pauses += 1
            if pauses == 3 { box.word.leave(adding: 4) }
        }
        #expect(pauses == 3 && box.word.value == 7)
        box.word.leave(setting: 1)
        box.word.enter { Issue.record("nobody is inside") }
        box.word.leave(adding: 0)
        #expect(box.word.value == 1)
    }

    @Test(
        "the number is read and changed during a decision, and is negative as well",
        arguments: [-1 << 61, -1, 0, 1 << 61])
    func changesInside(value: Int64) {
        let box = Box(value)
        box.word.enter { Issue.record("nobody is inside") }
        #expect(box.word.value == value)
        box.word.add(-5)
        #expect(box.word.value == value - 5)
        box.word.leave(adding: 3)
        #expect(box.word.value == value - 2)
        box.word.enter { Issue.record("nobody is inside") }
    }
}
