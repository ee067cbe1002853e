internal import WeirBase
public import WeirConfig
internal import WeirStore

extension Administration {
    /// Keys of the file and keys made by command, sorted by id.
    public func listKeys() throws(ControlFailure) -> [KeyMessage] {
        let now = now()
        let fromFile = policy.keys.map { key in
            KeyMessage(
                id: key.id, team: key.team.map { policy.teams[$0].name }, source: "file",
                status: key.expires <= now ? "expired" : "active", models: key.patterns?.map(\.text),
                tags: Dictionary(key.tags.map { ($0.name, $0.value) }) { $1 }, created: nil,
                expires: key.expires.orNil?.description, revoked: nil, secrets: key.digests.count,
                budgets: key.bounds.budgets.map(BudgetMessage.init), limits: LimitsMessage(key.bounds.limits))
        }
        let issued = try issuedKeys().map { key in
            KeyMessage(
                id: key.id, team: key.team, source: "command", status: status(of: key, at: now), models: key.models,
                tags: Dictionary(key.tags.map { ($0.name, $0.value) }) { $1 }, created: key.created.description,
                expires: key.expires.orNil?.description, revoked: key.revoked?.description,
                secrets: key.secrets.count { now < $0.until }, budgets: key.bounds.budgets.map(BudgetMessage.init),
                limits: LimitsMessage(key.bounds.limits))
        }
        return (fromFile + issued).sorted { $0.id < $1.id }
    }

    private func status(of key: IssuedKey, at now: WallTime) -> String {
        if key.revoked != nil { return "revoked" }
        if key.expires <= now { return "expired" }
        if let team = key.team, !policy.teams.contains(where: { $0.name == team }) { return "orphaned" }
        return "active"
    }

    /// Makes a key. Its secret is in the answer and nowhere else.
    public func createKey(_ request: KeyRequest, by actor: String) throws(ControlFailure) -> NewKeyMessage {
        let now = now()
        let keys = try issuedKeys()
        let id = try checkedID(request.id, keys)
        if let team = request.team, !policy.teams.contains(where: { $0.name == team }) {
            let names = policy.teams.map(\.name).sorted().joined(separator: ", ")
            throw .notFound("there is no team \(team); the configuration has \(names.isEmpty ? "none" : names)")
        }
        for pattern in request.models ?? [] where Pattern(pattern) == nil {
            throw .invalid("\(pattern) is no pattern of model names: use 1 to 200 visible ASCII characters")
        }
        let (text, digest) = KeySecret.make(for: id)
        var key = IssuedKey(id: id, team: request.team, created: now, secrets: [IssuedSecret(digest: digest)])
        key.models = request.models
        for (name, value) in (request.tags ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let tag = Policy.Tag("\(name)=\(value)") else {
                throw .invalid("\(name)=\(value) is no tag: use letters, digits, -, _ and . on both sides")
            }
            key.tags.append(tag)
        }
        guard key.tags.count <= 8 else { throw .invalid("a key has at most 8 tags") }
        if let expires = request.expires { key.expires = try future(expires, now) }
        for budget in request.budgets ?? [] { key.bounds.budgets.append(try budget.budget()) }
        guard key.bounds.budgets.count <= 4 else { throw .invalid("a key has at most 4 budgets") }
        if let limits = request.limits { key.bounds.limits = try limits.limits() }
        try change(key, keys, "key.create", by: actor, details: "team=\(key.team ?? "-") expires=\(key.expires)")
        return NewKeyMessage(id: id, team: key.team, secret: text, expires: key.expires.orNil?.description)
    }

    /// Gives a key a new secret; the one before it is good until the grace period is over, the one before that no more.
    public func rotateKey(
        _ id: String, _ request: RotateRequest, by actor: String
    ) throws(ControlFailure) -> NewKeyMessage {
        guard (0...31_536_000).contains(request.grace_seconds) else { throw .invalid("a grace period is 0s to 365d") }
        let now = now()
        let keys = try issuedKeys()
        var key = try goodKey(id, keys)
        let (text, digest) = KeySecret.make(for: id)
        let until = now + .seconds(Int64(request.grace_seconds))
        var old = key.secrets.filter { now < $0.until }.prefix(1)
        for index in old.indices { old[index].until = min(old[index].until, until) }
        key.secrets = [IssuedSecret(digest: digest)] + old.filter { now < $0.until }
        try change(key, keys, "key.rotate", by: actor, details: "old secret until \(until)")
        return NewKeyMessage(
            id: id, team: key.team, secret: text, expires: key.expires.orNil?.description,
            old_secret_until: key.secrets.count > 1 ? until.description : nil)
    }

    /// Revokes a key for good: the next request with it is refused, on every loop.
    public func revokeKey(_ id: String, by actor: String) throws(ControlFailure) -> KeyMessage {
        let keys = try issuedKeys()
        var key = try goodKey(id, keys)
        key.revoked = now()
        try change(key, keys, "key.revoke", by: actor, details: "")
        guard let message = try listKeys().first(where: { $0.id == id }) else {
            throw .notFound("the key \(id) is gone")
        }
        return message
    }

    // MARK: Parts

    private func checkedID(_ wanted: String?, _ keys: [IssuedKey]) throws(ControlFailure) -> String {
        let taken = Set(keys.map(\.id) + policy.keys.map(\.id))
        guard let wanted else {
            var id = KeySecret.makeID()
            while taken.contains(id) { id = KeySecret.makeID() }
            return id
        }
        guard Policy.isName(wanted) else {
            throw .invalid("\(wanted) cannot be a key's id: use 1 to 64 letters, digits, -, _ and .")
        }
        guard !taken.contains(wanted) else {
            throw .conflict("there is a key \(wanted) already; rotate it, or choose another id")
        }
        return wanted
    }

    private func goodKey(_ id: String, _ keys: [IssuedKey]) throws(ControlFailure) -> IssuedKey {
        guard let key = keys.first(where: { $0.id == id }) else {
            if policy.keys.contains(where: { $0.id == id }) {
                throw .conflict("the key \(id) is in the configuration; change it there")
            }
            throw .notFound("there is no key \(id); `weir key list` shows all")
        }
        guard key.revoked == nil else { throw .conflict("the key \(id) was revoked; create another one") }
        return key
    }

    private func future(_ text: String, _ now: WallTime) throws(ControlFailure) -> WallTime {
        guard let moment = WallTime(text) else {
            throw .invalid("\(text) is no date: write 2027-01-01 or 2027-01-01T09:00:00Z")
        }
        guard moment > now else { throw .invalid("\(text) is in the past") }
        return moment
    }

    /// Writes a key with its audit row, and tells the running gateway.
    private func change(
        _ key: IssuedKey, _ keys: [IssuedKey], _ action: String, by actor: String, details: String
    ) throws(ControlFailure) {
        let audit = AuditRow(at: now().nanoseconds, actor: actor, action: action, subject: key.id, details: details)
        do throws(StoreError) { try store.put(KeyRow(key), audit: audit) } catch { throw .store(error) }
        do { try gateway?.publish(keys.filter { $0.id != key.id } + [key]) } catch {
            throw ControlFailure(
                status: 500, code: "not_published",
                message: "the change is written, but the running gateway did not take it (\(error)); start it anew")
        }
    }

    /// The keys that were made by command.
    public func issuedKeys() throws(ControlFailure) -> [IssuedKey] {
        let rows: [KeyRow]
        do throws(StoreError) { rows = try store.keys() } catch { throw .store(error) }
        var keys: [IssuedKey] = []
        for row in rows { keys.append(try IssuedKey(row)) }
        return keys
    }
}

extension WallTime {
    /// nil for the end of time.
    var orNil: WallTime? { self == .never ? nil : self }
}
