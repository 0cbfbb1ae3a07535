module github.com/scaler-native/scaler-native/integration

go 1.24.0
