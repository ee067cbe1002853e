import WeirBase
