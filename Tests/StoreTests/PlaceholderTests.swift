import WeirStore
