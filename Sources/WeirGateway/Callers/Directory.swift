public import WeirConfig

/// Who may call as of now, in an immutable snapshot that all loops share. A change of keys makes another one; a request keeps the one with
/// which it began.
public final class Directory: Sendable {
    public let callers: CallerTable
    let policy: Policy

    public init(_ policy: Policy, issued: [IssuedKey] = []) {
        self.policy = policy
        callers = CallerTable(policy, issued: issued)
    }

    /// The name of a caller's team; nil if it has none.
    func teamName(of caller: Int) -> String? { callers.callers[caller].team.map { policy.teams[$0].name } }
}
