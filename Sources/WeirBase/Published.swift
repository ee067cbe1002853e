public import Synchronization

/// A value that many threads read and few change: each reader keeps the value that it has seen, and asks with one load whether there is another.
/// Only then is a lock taken, so a reader of a value that stands waits for nobody.
public final class Published<Value: Sendable>: Sendable {
    @usableFromInline let version = Atomic<Int>(1)
    @usableFromInline let current: Mutex<Value>

    public init(_ value: sending Value) { current = Mutex(value) }

    /// Puts `value` in the place of the last one. Every reader that looks after this has returned sees it.
    public func publish(_ value: sending Value) {
        current.withLock { $0 = value }
        version.wrappingAdd(1, ordering: .releasing)
    }

    /// Replaces the value by what `change` makes of it; changes of several threads do not overwrite each other.
    public func update(_ change: (Value) -> sending Value) {
        current.withLock { $0 = change($0) }
        version.wrappingAdd(1, ordering: .releasing)
    }

    /// The value as it is now; takes the lock.
    public func load() -> Value { current.withLock { $0 } }
}

/// One thread's view of a published value.
public struct Subscription<Value: Sendable> {
    @usableFromInline let source: Published<Value>
    @usableFromInline var seen: Int
    @usableFromInline var value: Value

    public init(_ source: Published<Value>) {
        self.source = source
        seen = source.version.load(ordering: .acquiring)
        value = source.load()
    }

    /// The value in force: what was published before this call, or something newer.
    @inlinable
    public mutating func latest() -> Value {
        let version = source.version.load(ordering: .acquiring)
        if version != seen {
            seen = version
            value = source.current.withLock { $0 }
        }
        return value
    }
}
