internal import CVector

/// Which instructions the functions of `CVector` use; for tests, which go through all that this processor has.
package enum VectorLevel {
    /// Every level of this processor, from the one that all have.
    package static var all: ClosedRange<Int32> { 0...weir_best_vector_level() }

    /// Uses a level of `all` from now on.
    package static func use(_ level: Int32) {
        precondition(all.contains(level))
        weir_use_vector_level(level)
    }
}
