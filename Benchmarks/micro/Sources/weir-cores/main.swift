import WeirBase
print("hello")
